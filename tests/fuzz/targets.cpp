#include "tests/fuzz/targets.h"

#include <CLI/CLI.hpp>

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "apps/command_line/command_line.h"
#include "apps/common/flags.h"
#include "data/datasets/cifar100_layouts.h"
#include "data/datasets/image_files/landmarks.h"
#include "data/datasets/imagenet32.h"
#include "data/files/checksum.h"
#include "data/files/csv.h"
#include "data/files/text_lines.h"
#include "data/formats/idx_file.h"
#include "data/formats/mat_file.h"
#include "data/formats/pickle.h"
#include "data/images/image_decoders.h"
#include "data/images/image_file.h"
#include "data/images/image_pack.h"
#include "data/images/list_file.h"
#include "data/splits/class_order.h"
#include "engine/base/error.h"
#include "engine/safetensors.h"
#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/memory/exemplar_ledger.h"
#include "incremental/report/comparison.h"
#include "incremental/report/results/stored_run.h"

namespace mneme::fuzz {
namespace {

namespace fs = std::filesystem;

const std::string name = "input";

void cifar_binary(const std::string& bytes) { cifar100::parse_binary(bytes, name); }

/// Reads the bytes as a pickle, and as a pickle in CIFAR's layout.
void cifar_python(const std::string& bytes) { cifar100::parse_python(bytes, name); }

void pickle(const std::string& bytes) { Pickle(bytes, name); }

void safetensors(const std::string& bytes) {
  const SafetensorsFile file = parse_safetensors(bytes, name);
  // An array that was read can be written and read again.
  parse_safetensors(to_safetensors(file.tensors, file.metadata), name);
}

/// Reads the bytes as they are, and once more with the right checksum at their end.
void checkpoint(const std::string& bytes) {
  try {
    parse_checkpoint(bytes, name);
  } catch (const Error&) {
  }
  const size_t line = bytes.find('\n');
  const std::string body = line == std::string::npos ? bytes : bytes.substr(line + 1);
  const Checkpoint c = parse_checkpoint("mneme checkpoint " + sha256(body) + "\n" + body, name);
  c.group("net");
  c.find("velocity");
}

/// Reads the bytes as a --config file.
void config(const std::string& bytes) {
  CLI::App app;
  Flags flags;
  add_flags(app, flags);
  app.allow_config_extras(CLI::config_extras_mode::error);
  std::istringstream text(bytes);
  try {
    app.parse_from_stream(text);
    check_ranges(flags.experiment);
  } catch (const CLI::ParseError& error) {
    fail_usage("{}", error.what());
  }
}

void class_order_list(const std::string& bytes) { parse_order(bytes, 100, name); }

void exemplar_ledger(const std::string& bytes) {
  const std::vector<ExemplarRow> ledger = parse_ledger(bytes, name);
  memory_after(ledger, 0, 100, name);
}

void imagenet32(const std::string& bytes) { parse_imagenet32_batch(bytes, name); }

/// Reads the bytes as images of MNIST's format, packed or not.
void idx(const std::string& bytes) {
  const IdxArray array = parse_idx(bytes, name, 3);
  MNEME_CHECK(array.values.size() == array.shape[0] * array.shape[1] * array.shape[2], "values without a place");
}

/// libmatio reads files only, so the bytes become a file in memory.
void mat_file(const std::string& bytes) {
  struct File {
    int number = memfd_create("mneme-fuzz", MFD_CLOEXEC);
    ~File() { close(number); }
  } file;
  const auto length = static_cast<ssize_t>(bytes.size());
  MNEME_CHECK(file.number >= 0 && write(file.number, bytes.data(), bytes.size()) == length, "no file in memory");
  read_mat_arrays("/proc/self/fd/" + std::to_string(file.number), {"X", "y"});
}

/// Gives every chunk of a PNG file the right checksum, so that the decoder gets as far as its content.
std::string with_checksums(std::string bytes) {
  constexpr size_t signature = 8, length_and_kind = 8;
  const auto byte = [&](size_t at) { return size_t{static_cast<unsigned char>(bytes[at])}; };
  for (size_t at = signature; at + length_and_kind + 4 <= bytes.size();) {
    const size_t length = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    if (length > bytes.size() - at - length_and_kind - 4) break;
    const auto* kind = reinterpret_cast<const Bytef*>(bytes.data()) + at + 4;
    const uint32_t sum = static_cast<uint32_t>(crc32_z(0, kind, length + 4));
    at += length_and_kind + length;
    for (int shift = 24; shift >= 0; shift -= 8) bytes[at++] = static_cast<char>(sum >> shift);
  }
  return bytes;
}

void decode_both_ways(const std::string& bytes, void (*decode)(const std::string& bytes)) {
  if (bytes.starts_with("\x89PNG")) {
    try {
      decode(with_checksums(bytes));
    } catch (const Error&) {
    }
  }
  decode(bytes);
}

/// Decodes the bytes by this build's decoder, at full size and at a reduced size.
void image_file(const std::string& bytes) {
  decode_both_ways(bytes, [](const std::string& file) {
    decode_image(file, name);
    decode_image(file, name, {.least_short_side = 1});
  });
}

void image_file_stb(const std::string& bytes) {
  decode_both_ways(bytes, [](const std::string& file) { decode_by_stb(file, read_image_header(file, name), name); });
}

/// The files that a list names do not exist. Only their names are read.
constexpr const char* nowhere = "/nonexistent";
constexpr int64_t any_number = 1'000'000'000;

/// Reads the bytes as lines of text. The numbers of the lines must rise, and no line may be longer than the text.
void text_lines(const std::string& bytes) {
  size_t last = 0, length = 0;
  for_each_line(text_of(bytes, name), [&](const TextLine& line) {
    if (line.number <= last || line.text.empty()) throw std::logic_error("a line out of turn");
    last = line.number;
    length += unquoted(line.text).size();
  });
  if (length > bytes.size()) throw std::logic_error("more lines than text");
}

/// Reads the bytes as a CSV table. The reader must come to an end, and all fields together must not be longer than the
/// text.
void csv(const std::string& bytes) {
  const std::string_view text = text_of(bytes, name);
  CsvReader reader(text);
  size_t last = 0, length = 0;
  for (CsvRow row; reader.next(row); last = row.line) {
    if (row.line <= last) throw std::logic_error("a row out of turn");
    for (const std::string& field : row.fields) length += field.size();
    MNEME_CHECK(!row.fault, "{}:{}: {}", name, row.line, row.fault);
  }
  if (length > bytes.size()) throw std::logic_error("more fields than text");
}

void list_file(const std::string& bytes) {
  Diagnostics diagnostics;
  parse_list_file(bytes, name, nowhere, diagnostics);
  diagnostics.check(name, any_number);
}

void landmarks(const std::string& bytes) {
  choose_landmarks(bytes, name, nowhere, {.classes = 2, .test_per_class = 1, .skip_bad = any_number});
}

/// Reads the bytes as they are, and once more with the right position, length and checksum of the index.
void image_pack(const std::string& bytes) {
  try {
    parse_pack(bytes, name);
  } catch (const Error&) {
  }
  const size_t pixels = std::min(bytes.size(), pack_header_bytes);
  const std::string index = bytes.substr(pixels);
  const PackIndex read = parse_pack(pack_header(index, pack_header_bytes) + index, name);
  MNEME_CHECK(pack_index_bytes(read) == index, "what was read is written differently");
}

/// A folder for the files of a run, in memory if possible. It is removed at the end.
struct Folder {
  fs::path path;
  Folder() {
    std::error_code absent;
    const fs::path memory = "/dev/shm";
    std::string pattern = (fs::exists(memory, absent) ? memory : fs::temp_directory_path()) / "mneme-fuzz-XXXXXX";
    MNEME_CHECK(mkdtemp(pattern.data()), "no folder {}", pattern);
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

/// The bytes hold the files of a run, each after a line "=== NAME". If they can be read, a page is written from them.
void stored_run(const std::string& bytes) {
  const Folder folder;
  std::istringstream input(bytes);
  std::ofstream file;
  for (std::string line; std::getline(input, line);) {
    const bool begins = line.starts_with("=== ") && line.find('/') == std::string::npos;
    if (begins)
      file = std::ofstream(folder.path / line.substr(4));
    else
      file << line << (input.eof() ? "" : "\n");
  }
  file.close();
  comparison_html(grouped({{name, mneme::stored_run(folder.path)}}));
}

constexpr Target all[] = {{"cifar_binary", cifar_binary},
                          {"cifar_python", cifar_python},
                          {"pickle", pickle},
                          {"safetensors", safetensors},
                          {"checkpoint", checkpoint},
                          {"config", config},
                          {"class_order", class_order_list},
                          {"exemplar_ledger", exemplar_ledger},
                          {"imagenet32", imagenet32},
                          {"idx", idx},
                          {"mat_file", mat_file},
                          {"image_file", image_file},
                          {"image_file_stb", image_file_stb},
                          {"image_pack", image_pack},
                          {"text_lines", text_lines},
                          {"csv", csv},
                          {"list_file", list_file},
                          {"landmarks", landmarks},
                          {"stored_run", stored_run}};

}  // namespace

std::span<const Target> targets() { return all; }

}  // namespace mneme::fuzz
