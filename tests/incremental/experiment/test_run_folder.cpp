#include "incremental/experiment/storage/run_folder.h"

#include "data/files/atomic_file.h"
#include "engine/base/error.h"
#include "tests/support/file_size_limit.h"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace mneme;
using test::FileSizeLimit;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "mneme-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return (std::ostringstream() << file.rdbuf()).str();
}

std::string message_of(auto&& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.exit_code() == 1);
    return error.what();
  }
  FAIL("expected an Error");
  return {};
}

void check_one_line(const std::string& message, const std::string& part) {
  CAPTURE(message);
  CHECK(message.find(part) != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("a run folder is created with its parents and its files read back") {
  TemporaryFolder tmp;
  RunFolder folder(tmp.path / "results" / "lwf");
  folder.write_settings({{"method", "lwf"}, {"seed", 7}});
  folder.append_metrics({{"task", 0}, {"epoch", 1}, {"loss", 2.5}});
  folder.append_metrics({{"task", 0}, {"epoch", 2}, {"loss", 1.25}});
  folder.write_summary({{"final_accuracy", .5}});
  folder.write_report("<!doctype html>");

  CHECK(json::parse(read(folder.path() / "run.json")) == json{{"method", "lwf"}, {"seed", 7}});
  CHECK(read(folder.path() / "metrics.jsonl") ==
        "{\"epoch\":1,\"loss\":2.5,\"task\":0}\n{\"epoch\":2,\"loss\":1.25,\"task\":0}\n");
  CHECK(json::parse(read(folder.path() / "summary.json"))["final_accuracy"] == .5);
  CHECK(read(folder.path() / "report.html") == "<!doctype html>");
}

TEST_CASE("accuracy tables keep full precision and leave the upper triangle empty") {
  TemporaryFolder tmp;
  RunFolder folder(tmp.path / "run");
  folder.write_accuracies(AccuracyMatrix({{.8}, {1.0 / 3, .9}}), AccuracyMatrix(Triangle{{.5}}));
  CHECK(read(folder.path() / "accuracy_task_aware.csv") ==
        "after_task,task_1,task_2\n1,0.8,\n2,0.3333333333333333,0.9\n");
  CHECK(read(folder.path() / "accuracy_task_agnostic.csv") == "after_task,task_1\n1,0.5\n");
  folder.write_top5(AccuracyMatrix(Triangle{{.75}}));
  CHECK(read(folder.path() / "accuracy_top5_task_agnostic.csv") == "after_task,task_1\n1,0.75\n");
}

TEST_CASE("the exemplar ledger and the confusion counts are plain tables") {
  TemporaryFolder tmp;
  RunFolder folder(tmp.path / "run");
  const ClassLabels labels{{"tiger, big", "b", "c", "d"}, {7, 5, 1, 3}};
  folder.write_exemplars(std::vector<ExemplarRow>{{0, 3, 0, 41234, .25}, {0, 0, 1, 17, .125}}, labels);
  CHECK(read(folder.path() / "exemplars.csv") ==
        "task,class,name,original_label,rank,index,distance\n1,3,d,3,0,41234,0.25\n"
        "1,0,\"tiger, big\",7,1,17,0.125\n");
  ConfusionMatrix confusion(2);
  confusion.add(0, 1, 5);
  confusion.add(1, 1, 2);
  folder.write_confusion(confusion, labels);
  CHECK(read(folder.path() / "confusion.csv") ==
        "true_class,true_name,original_label,predicted_0,predicted_1\n0,\"tiger, big\",7,0,5\n1,b,5,0,2\n");
}

TEST_CASE("of more than a thousand classes the confusion counts are written where there are any") {
  TemporaryFolder tmp;
  RunFolder folder(tmp.path / "run");
  ConfusionMatrix confusion(1001);
  confusion.add(1000, 0, 5);
  confusion.add(3, 1000, 2);
  folder.write_confusion(confusion, {{"a", "b", "c", "d"}, {7, 5, 1, 3}});
  CHECK(read(folder.path() / "confusion.csv") ==
        "true_class,true_name,true_original_label,predicted_class,predicted_name,predicted_original_label,images\n"
        "3,d,3,1000,,,2\n1000,,,0,a,7,5\n");
}

TEST_CASE("the last layer is a table of every class after every task") {
  TemporaryFolder tmp;
  RunFolder folder(tmp.path / "run");
  const std::vector<std::vector<ClassOutput>> after = {{{1, .5, -2}, {2, 0, 3}}, {{1, .5, 0}, {2, 0, 1}, {4, -1, .25}}};
  folder.write_last_layer(after, std::vector<int>{2, 1}, {{"a", "b", "c"}, {2, 0, 1}});
  CHECK(read(folder.path() / "last_layer.csv") ==
        "after_task,task,class,name,original_label,weight_length,bias,mean_logit\n"
        "1,1,0,a,2,1,0.5,-2\n1,1,1,b,0,2,0,3\n"
        "2,1,0,a,2,1,0.5,0\n2,1,1,b,0,2,0,1\n2,2,2,c,1,4,-1,0.25\n");
}

TEST_CASE("text that is not UTF-8 does not lose the settings") {
  TemporaryFolder tmp;
  RunFolder folder(tmp.path / "run");
  folder.write_settings({{"data", "caf\xe9"}});
  CHECK(json::parse(read(folder.path() / "run.json"))["data"] == "caf\xef\xbf\xbd");
}

TEST_CASE("a folder that holds a run is refused and left as it is") {
  TemporaryFolder tmp;
  { RunFolder(tmp.path / "run").write_settings({{"seed", 1}}); }
  const std::string before = read(tmp.path / "run" / "run.json");
  const std::string message = message_of([&] { RunFolder again(tmp.path / "run"); });
  check_one_line(message, "already holds a run (run.json)");
  check_one_line(message, "--overwrite");
  CHECK(read(tmp.path / "run" / "run.json") == before);
}

TEST_CASE("overwriting removes the old run and nothing else") {
  TemporaryFolder tmp;
  const fs::path path = tmp.path / "run";
  {
    RunFolder old(path);
    old.write_settings({{"seed", 1}});
    old.append_metrics({{"epoch", 1}});
    write_file_atomically(old.model_path(3), "weights");
    write_file_atomically(path / "models" / "mine.safetensors", "mine");
    write_file_atomically(path / "notes.txt", "mine");
  }
  RunFolder new_images(path, Existing::overwrite);
  CHECK_FALSE(fs::exists(path / "run.json"));
  CHECK_FALSE(fs::exists(path / "metrics.jsonl"));
  CHECK_FALSE(fs::exists(path / "models" / "task_04.safetensors"));
  CHECK(read(path / "notes.txt") == "mine");
  CHECK(read(path / "models" / "mine.safetensors") == "mine");
}

TEST_CASE("a folder with other people's files but no run may be used") {
  TemporaryFolder tmp;
  write_file_atomically(tmp.path / "notes.txt", "mine");
  RunFolder folder(tmp.path);
  CHECK(read(tmp.path / "notes.txt") == "mine");
}

TEST_CASE("two runs cannot write into one folder, even when told to overwrite") {
  TemporaryFolder tmp;
  {
    RunFolder first(tmp.path / "run");
    first.write_settings({{"seed", 1}});
    check_one_line(message_of([&] { RunFolder second(tmp.path / "run", Existing::overwrite); }),
                   "another run is writing");
    CHECK(fs::exists(tmp.path / "run" / "run.json"));
  }
  CHECK_NOTHROW(RunFolder(tmp.path / "run", Existing::overwrite));
}

TEST_CASE("a killed run leaves no lock behind") {
  TemporaryFolder tmp;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    RunFolder held(tmp.path / "run");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK_NOTHROW(RunFolder(tmp.path / "run"));
}

TEST_CASE("a path that cannot become a folder is refused in one line") {
  TemporaryFolder tmp;
  write_file_atomically(tmp.path / "file", "x");
  check_one_line(message_of([&] { RunFolder folder(tmp.path / "file"); }), "cannot create the output folder");
  check_one_line(message_of([&] { RunFolder folder(tmp.path / "file" / "run"); }), "cannot create the output folder");
  check_one_line(message_of([&] { RunFolder folder("/proc/mneme-run"); }), "cannot create the output folder");
}

TEST_CASE("a folder without write permission is refused in one line") {
  if (::geteuid() == 0) {
    MESSAGE("skipped: permissions do not bind the superuser");
    return;
  }
  TemporaryFolder tmp;
  fs::permissions(tmp.path, fs::perms::owner_read | fs::perms::owner_exec);
  check_one_line(message_of([&] { RunFolder folder(tmp.path); }), "cannot write into the output folder");
  fs::permissions(tmp.path, fs::perms::owner_all);
}

TEST_CASE("a write that fails half-way keeps the old file and leaves no trace") {
  TemporaryFolder tmp;
  write_file_atomically(tmp.path / "summary.json", "old");
  {
    FileSizeLimit limit(4096);
    check_one_line(message_of([&] { write_file_atomically(tmp.path / "summary.json", std::string(10000, 'x')); }),
                   "cannot write " + (tmp.path / "summary.json").string() + ": File too large; free some space");
  }
  CHECK(read(tmp.path / "summary.json") == "old");
  CHECK(names_in(tmp.path) == std::vector<std::string>{"summary.json"});
}

TEST_CASE("an append that fails half-way leaves only whole lines") {
  TemporaryFolder tmp;
  const fs::path path = tmp.path / "metrics.jsonl";
  append_line(path, "first");
  {
    FileSizeLimit limit(4096);
    check_one_line(message_of([&] { append_line(path, std::string(10000, 'x')); }), "free some space");
  }
  CHECK(read(path) == "first\n");
  append_line(path, "second");
  CHECK(read(path) == "first\nsecond\n");
}

TEST_CASE("a full disk is one clear line and damages nothing") {
  TemporaryFolder tmp;
  if (::mount("tmpfs", tmp.path.c_str(), "tmpfs", 0, "size=64k") != 0) {
    MESSAGE("skipped: mounting a small disk is not permitted here");
    return;
  }
  {
    RunFolder folder(tmp.path / "run");
    folder.write_settings({{"seed", 1}});
    folder.append_metrics({{"epoch", 1}});
    const std::string line = message_of([&] { folder.write_report(std::string(200000, 'x')); });
    check_one_line(line, "No space left on device");
    message_of([&] {
      for (;;) folder.append_metrics({{"filler", std::string(3000, 'x')}});
    });
    const std::string metrics = read(tmp.path / "run" / "metrics.jsonl");
    CHECK(metrics.back() == '\n');
    CHECK(metrics.rfind("{\"epoch\":1}\n", 0) == 0);
    CHECK(json::parse(read(tmp.path / "run" / "run.json"))["seed"] == 1);
    CHECK_FALSE(fs::exists(tmp.path / "run" / "report.html"));
    CHECK_FALSE(fs::exists(tmp.path / "run" / "report.html.part"));
  }
  CHECK(::umount(tmp.path.c_str()) == 0);
}
