// Reads the first inputs of the fuzzers, and the inputs for which they found faults, in every build.

#include <doctest/doctest.h>

#include <set>

#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "tests/fuzz/targets.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

const fs::path corpus = source_path("tests/fuzz/corpus");

/// True if the target reads the bytes without an Error. Other exceptions pass through.
bool reads(const fuzz::Target& target, const std::string& bytes) {
  try {
    target.run(bytes);
    return true;
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return false;
  }
}

TEST_CASE("every reader answers the fuzzers' corpus with data or one line") {
  for (const fuzz::Target& target : fuzz::targets()) {
    INFO(std::string(target.name));
    int good = 0, bad = 0;
    for (const auto& file : fs::directory_iterator(corpus / target.name)) {
      INFO(file.path().filename().string());
      const std::string bytes = read_file(file.path());
      const bool well = reads(target, bytes);
      ++(well ? good : bad);
      if (file.path().filename().string().starts_with("good-")) CHECK(well);
    }
    CHECK(good > 0);
    CHECK(bad > 0);
  }
}

TEST_CASE("cut anywhere, or with any byte turned, the good ones are answered too") {
  for (const fuzz::Target& target : fuzz::targets())
    for (const auto& file : fs::directory_iterator(corpus / target.name)) {
      const std::string bytes = read_file(file.path());
      const size_t step = 1 + bytes.size() / 300;  // about 300 positions, so that the test is fast
      for (size_t at = 0; at < bytes.size(); at += step) {
        CAPTURE(file.path().string());
        CAPTURE(at);
        CHECK_NOTHROW(reads(target, bytes.substr(0, at)));
        std::string turned = bytes;
        turned[at] = static_cast<char>(~turned[at]);
        CHECK_NOTHROW(reads(target, turned));
      }
    }
}

TEST_CASE("every target has a corpus and every corpus a target") {
  std::set<std::string> targets, folders;
  for (const fuzz::Target& target : fuzz::targets()) targets.insert(target.name);
  for (const auto& folder : fs::directory_iterator(corpus))
    if (folder.is_directory()) folders.insert(folder.path().filename().string());
  CHECK(targets == folders);
}

}  // namespace
}  // namespace mneme::test
