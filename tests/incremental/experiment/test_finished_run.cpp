// What --resume does with a run that has ended: its files are checked, and written again where that is possible.

#include <doctest/doctest.h>

#include "data/files/file_bytes.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

/// Checks and mends the finished run in `path`, as --resume does. Returns the message of its error; "no error" if there
/// is none.
std::string mended(const ExperimentOptions& options, const fs::path& path) {
  const ResidentDataset data = tiny_data();
  RunFolder folder(path, Existing::resume);
  Experiment experiment(options, data);
  REQUIRE(experiment.is_complete(folder));
  return message_of([&] { experiment.mend(folder, [](const std::string&) {}); });
}

TEST_CASE("of a finished run every file that the record suffices for is written again, byte for byte") {
  for (const char* method : {"il-baseline", "mnemonics"}) {
    ExperimentOptions o = tiny_options_for(method);
    o.save_models = true;
    const ScratchFolder scratch(memory_or_disk());
    REQUIRE(run_until(o, tiny_data(), scratch / "run", -1));
    fs::copy(scratch / "run", scratch / "whole", fs::copy_options::recursive);
    CHECK(mended(o, scratch / "run") == "no error");
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(scratch / "run"))
      if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), scratch / "run"));
    for (const fs::path& file : files) {
      const std::string name = file.string();
      if (name == ".lock" || name == "timing.jsonl" || name == "results.checkpoint" || name.starts_with("models"))
        continue;
      CAPTURE(name);
      const std::string whole = read_file(scratch / "run" / file);
      scratch.write("run/" + name, whole.substr(0, whole.size() / 2));
      CHECK(mended(o, scratch / "run") == "no error");
      CHECK(read_file(scratch / "run" / file) == whole);
      fs::remove(scratch / "run" / file);
      CHECK(mended(o, scratch / "run") == "no error");
      CHECK(read_file(scratch / "run" / file) == whole);
    }
    CHECK(different_files(scratch / "whole", scratch / "run") == std::vector<std::string>{});
  }
}

TEST_CASE("what only exists once is named when it is damaged, and the rest is mended all the same") {
  ExperimentOptions o = tiny_options("finetuning");
  o.save_models = true;
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE(run_until(o, tiny_data(), scratch / "run", -1));
  const std::string page = read_file(scratch / "run/report.html"),
                    model = read_file(scratch / "run/models/task_02.safetensors");
  scratch.write("run/models/task_02.safetensors", model.substr(1));
  scratch.write("run/report.html", "");
  const std::string message = mended(o, scratch / "run");
  check_says(message,
             "nothing else holds their content: models/task_02.safetensors; --overwrite makes the whole run anew");
  CHECK(read_file(scratch / "run/report.html") == page);
  scratch.write("run/models/task_02.safetensors", model);
  CHECK(mended(o, scratch / "run") == "no error");
  scratch.write("run/timing.jsonl", "");
  check_says(mended(o, scratch / "run"), "timing.jsonl");
}

TEST_CASE("without its record a finished run is left as it is, and that is said") {
  const ExperimentOptions o = tiny_options("finetuning");
  const ScratchFolder scratch(memory_or_disk());
  REQUIRE(run_until(o, tiny_data(), scratch / "run", -1));
  scratch.write("run/results.checkpoint", "mneme checkpoint");
  CHECK(mended(o, scratch / "run") == "no error");
}

}  // namespace
}  // namespace mneme::test
