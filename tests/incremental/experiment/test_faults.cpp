// Faults outside the program during a run. Each must end the run with one line, lose no finished work, and allow it to
// be resumed.

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// The superuser may write anywhere, so these tests run as an ordinary user during the lifetime of this object.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(nobody) == 0);
  }
  ~OrdinaryUser() {
    if (was_root_) (void)::seteuid(0);
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  static constexpr uid_t nobody = 65534;
  bool was_root_;
};

ExperimentOptions options() {
  ExperimentOptions o = tiny_options("il-baseline");
  o.memory = {MemoryBudget::Kind::per_class, 2, false};
  o.train.epochs = 3;
  o.train.sgd.momentum = 0.9;
  o.save_models = true;
  return o;
}

/// Runs in `path`, resuming what is there, and calls `after_epoch` with the number of epochs done in this call. Returns
/// the line of the error; empty if the run reached its end.
std::string run_in(const fs::path& path, const std::function<void(int)>& after_epoch = {}) {
  const ResidentDataset data = tiny_data();
  const ExperimentOptions o = options();
  try {
    RunFolder folder(path, Existing::resume);
    Experiment experiment(o, data);
    experiment.resume(folder, [](const std::string&) {});
    ExperimentCallbacks callbacks;
    int epochs = 0;
    callbacks.training.on_epoch = [&](const EpochReport&) {
      if (after_epoch) after_epoch(++epochs);
    };
    experiment.run(folder, callbacks);
  } catch (const Error& error) {
    CHECK(error.exit_code() == 1);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return {};
}

/// Checks that every file is complete: JSON and checkpoints can be parsed, tables and logs end with a newline, and no
/// temporary file is left.
void check_whole(const fs::path& run) {
  for (const auto& [name, bytes] : files_of_run(run)) {
    CAPTURE(name);
    const std::string kind = fs::path(name).extension().string();
    CHECK(kind != ".part");
    if (kind == ".json") CHECK(nlohmann::json::accept(bytes));
    if (kind == ".csv" || kind == ".jsonl") CHECK((bytes.empty() || bytes.back() == '\n'));
    if (kind == ".checkpoint") CHECK_NOTHROW(parse_checkpoint(bytes, name));
    if (kind == ".safetensors") CHECK_NOTHROW(parse_safetensors(bytes, name));
  }
}

/// The folder of a run and its subfolders.
std::vector<fs::path> folders_of(const fs::path& run) {
  std::vector<fs::path> folders = {run};
  for (const auto& entry : fs::directory_iterator(run))
    if (entry.is_directory()) folders.push_back(entry.path());
  return folders;
}

TEST_CASE("a folder that may no longer be written ends the run in one line, and going on ends in the same files") {
  const ScratchFolder scratch(memory_or_disk());
  fs::permissions(scratch.path(), fs::perms::all);
  const OrdinaryUser user;
  REQUIRE(run_in(scratch / "whole").empty());
  for (const int epoch : {1, 3, 4}) {
    CAPTURE(epoch);
    const fs::path run = scratch / ("run" + std::to_string(epoch));
    const std::string message = run_in(run, [&](int done) {
      if (done != epoch) return;
      for (const fs::path& folder : folders_of(run))
        fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
    });
    check_says(message, "cannot write " + run.string());
    check_says(message, "Permission denied");
    check_whole(run);
    check_says(run_in(run), "Permission denied");
    for (const fs::path& folder : folders_of(run)) fs::permissions(folder, fs::perms::owner_all);
    CHECK(run_in(run).empty());
    CHECK(different_files(scratch / "whole", run) == std::vector<std::string>{});
  }
}

TEST_CASE("a folder that vanishes under the run ends it in one line") {
  const ScratchFolder scratch(memory_or_disk());
  const std::string message = run_in(scratch / "run", [&](int done) {
    if (done == 2) fs::remove_all(scratch / "run");
  });
  check_says(message, "cannot write " + (scratch / "run").string());
  check_says(message, "No such file or directory");
}

TEST_CASE("a file that cannot be written to its end ends the run in one line, and going on ends in the same files") {
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE(run_in(scratch / "whole").empty());
  for (const rlim_t kilobytes : {1, 500, 700, 850}) {  // a checkpoint has 600 to 900 kilobytes
    CAPTURE(kilobytes);
    const fs::path run = scratch / ("run" + std::to_string(kilobytes));
    {
      const FileSizeLimit limit(kilobytes << 10);
      const std::string message = run_in(run);
      check_says(message, "cannot write " + run.string());
      check_says(message, "File too large; free some space");
    }
    check_whole(run);
    CHECK(run_in(run).empty());
    CHECK(different_files(scratch / "whole", run) == std::vector<std::string>{});
  }
}

/// A disk of limited size, mounted during the lifetime of this object.
class SmallDisk {
 public:
  SmallDisk(const fs::path& where, int bytes) : where_(where) {
    fs::create_directory(where);
    mounted_ = ::mount("tmpfs", where.c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount(where_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  void grow(int bytes) const {
    REQUIRE(::mount("tmpfs", where_.c_str(), "tmpfs", MS_REMOUNT, fmt::format("size={}", bytes).c_str()) == 0);
  }

 private:
  fs::path where_;
  bool mounted_;
};

TEST_CASE("a disk that fills up ends the run in one line, and with room made it goes on to the same files") {
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE(run_in(scratch / "whole").empty());
  constexpr int plenty = 64 << 20;
  for (const int kilobytes : {100, 700, 1100, 1600}) {  // a checkpoint has 600 to 900 kilobytes
    CAPTURE(kilobytes);
    const SmallDisk disk(scratch / ("disk" + std::to_string(kilobytes)), kilobytes << 10);
    if (!disk.mounted()) {
      MESSAGE("skipped: mounting a small disk is not permitted here; the limit on files above stands in for it");
      return;
    }
    const fs::path run = scratch / ("disk" + std::to_string(kilobytes)) / "run";
    const std::string message = run_in(run);
    check_says(message, "No space left on device");
    check_says(message, "free some space");
    check_whole(run);
    disk.grow(plenty);
    CHECK(run_in(run).empty());
    CHECK(different_files(scratch / "whole", run) == std::vector<std::string>{});
  }
}

}  // namespace
}  // namespace mneme::test
