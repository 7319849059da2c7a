#include "incremental/memory/exemplar_ledger.h"

#include <doctest/doctest.h>

#include <functional>

#include "data/files/file_bytes.h"
#include "incremental/report/contact_sheet.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

const std::string head = "task,class,rank,index,distance\n";

TEST_CASE("a ledger comes back as it was written, whatever classes are called, and as older versions wrote it") {
  const ScratchFolder scratch;
  const std::vector<ExemplarRow> rows = {{0, 0, 0, 41, 0.1 + 0.2}, {0, 0, 1, 17, 1e-300}, {1, 3, 0, 2147483647, 0}};
  RunFolder folder(scratch / "run");
  folder.write_exemplars(rows, {{"a, \"b\"\nc"}, {7}});
  const std::string csv = read_file(scratch / "run" / "exemplars.csv"),
                    older = head + "1,0,0,41,0.30000000000000004\n1,0,1,17,1e-300\n2,3,0,2147483647,0\n";
  CHECK(csv.starts_with("task,class,name,original_label,rank,index,distance\n1,0,\"a, \"\"b\"\"\nc\",7,0,41,0.3"));
  for (const std::string& written : {csv, older}) {
    const std::vector<ExemplarRow> back = parse_ledger(written, "it");
    REQUIRE(back.size() == 3);
    for (size_t i = 0; i < 3; ++i) {
      CHECK(back[i].task == rows[i].task);
      CHECK(back[i].class_label == rows[i].class_label);
      CHECK(back[i].rank == rows[i].rank);
      CHECK(back[i].index == rows[i].index);
      CHECK(back[i].distance == rows[i].distance);
    }
  }
}

TEST_CASE("anything that is no ledger is refused with its line") {
  const auto refused = [](const std::string& csv) { return message_of([&] { parse_ledger(csv, "it"); }); };
  CHECK(refused("").starts_with("it lists no exemplars"));
  CHECK(refused(head) == "it lists no exemplars");
  CHECK(refused("class,task\n") == "it, line 1: expected task,class,name,original_label,rank,index,distance");
  CHECK(refused("task,class,name,original_label,rank,index,distance\n1,0,0,1,0.5\n") ==
        "it, line 2: expected task,class,name,original_label,rank,index,distance, all but names as numbers");
  for (const char* row : {"1,0,0,1", "1,0,0,1,0,5", "1,0,0,x,0", "1,0,0,1,", "1,0,0,-1,0", "1,0,0,2147483648,0",
                          "1,0,0,99999999999999999999,0", "\"1,0,0,1,0", "0,0,0,1,0", "-2147483648,0,0,1,0"})
    CHECK(refused(head + "1,0,0,1,0.5\n" + row + "\n1,0,1,2,0\n").starts_with("it, line 3: expected"));
}

ExperimentOptions remembering() {
  ExperimentOptions o = tiny_options("il-baseline");
  o.memory = {MemoryBudget::Kind::total, 12, false};
  o.scenario.order = "3,0,2,1";
  return o;
}

void run_in(const fs::path& path, const ExperimentOptions& o) {
  RunFolder folder(path);
  const ResidentDataset data = tiny_data();
  Experiment(o, data).run(folder, {});
}

TEST_CASE("a run that takes over another's exemplars keeps the same ones, whatever its own selection and method") {
  const ScratchFolder scratch;
  run_in(scratch / "first", remembering());
  ExperimentOptions o = remembering();
  o.selection = Selection::random;
  o.method = "il-baseline-balanced";
  run_in(scratch / "own", o);
  o.exemplars_from = scratch / "first";
  run_in(scratch / "taken", o);
  const auto ledger = [&](const char* run) { return read_file(scratch / run / "exemplars.csv"); };
  CHECK(ledger("taken") == ledger("first"));
  {  // a run of format 1 counts tasks from 0
    nlohmann::json settings = nlohmann::json::parse(read_file(scratch / "first" / "run.json"));
    settings.erase("format");
    scratch.write("older/run.json", settings.dump());
    std::string rows = head;
    for (ExemplarRow& row : parse_ledger(ledger("first"), "it"))
      rows += fmt::format("{},{},{},{},{}\n", row.task, row.class_label, row.rank, row.index, row.distance);
    scratch.write("older/exemplars.csv", rows);
    o.exemplars_from = scratch / "older";
    run_in(scratch / "taken again", o);
    CHECK(ledger("taken again") == ledger("first"));
    o.exemplars_from = scratch / "first";
  }
  CHECK(ledger("own") != ledger("first"));
  CHECK(nlohmann::json::parse(read_file(scratch / "taken" / "run.json"))["exemplars_from"] ==
        (scratch / "first").string());
}

TEST_CASE("exemplars that do not fit are refused before anything is written") {
  const ScratchFolder scratch;
  run_in(scratch / "first", remembering());
  const auto refused = [&](const std::function<void(ExperimentOptions&)>& change) {
    ExperimentOptions o = remembering();
    o.exemplars_from = scratch / "first";
    change(o);
    return message_of([&] { run_in(scratch / "run", o); });
  };
  const auto says = [](const std::string& message, const std::string& part) {
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
  };
  says(refused([](auto& o) { o.scenario.order = "identity"; }), "is no training image of class 0 here");
  says(refused([](auto& o) { o.scenario.validation_fraction = 0.7; }), "is no training image of class");
  says(refused([](auto& o) { o.memory.images = 8; }),
       "6 exemplars of class 0 after task 1, and the memory here keeps 4");
  says(refused([](auto& o) { o.scenario.tasks = 4; }), "exemplars of class 1 after task 1, when 1 classes are known");
  says(refused([](auto& o) { o.exemplars_from = "nowhere"; }), "nowhere/exemplars.csv: no such file");
  says(refused([](auto& o) {
         o.memory.kind = MemoryBudget::Kind::none;
         o.method = "lwf";
       }),
       "--exemplars-from fills a memory, and there is none");
  CHECK_FALSE(fs::exists(scratch / "run" / "run.json"));
}

TEST_CASE("a ledger that keeps an image twice, ranks in disorder or too many exemplars is refused") {
  const ResidentDataset data = tiny_data();
  const Scenario scenario = make_scenario(data, remembering().scenario, 1);
  const MemoryBudget budget{MemoryBudget::Kind::per_class, 3, false};
  std::vector<std::vector<int>> images(4);  // the training images of each class
  for (const Subset& subset : scenario.train)
    for (size_t i = 0; i < subset.size(); ++i)
      images[static_cast<size_t>(subset.labels[i])].push_back(subset.images[i]);
  std::vector<ExemplarRow> ledger;
  for (int task = 0; task < 2; ++task)
    for (int k = 0; k < 2 * (task + 1); ++k)
      for (int rank = 0; rank < 2; ++rank)
        ledger.push_back({task, k, rank, images[static_cast<size_t>(k)][static_cast<size_t>(rank)], 0.5});
  const auto refused = [&](const std::vector<ExemplarRow>& rows) {
    return message_of([&] { check_ledger(rows, scenario, budget, "it"); });
  };
  CHECK_NOTHROW(check_ledger(ledger, scenario, budget, "it"));
  for (const size_t second : {1, 3, 5, 11}) {
    std::vector<ExemplarRow> twice = ledger;
    twice[second].index = twice[second - 1].index;
    CHECK(refused(twice).find("or is listed twice") != std::string::npos);
  }
  std::vector<ExemplarRow> disorder = ledger;
  std::swap(disorder[0].rank, disorder[1].rank);
  CHECK(refused(disorder).find("the ranks of class 0 after task 1 are not in order") != std::string::npos);
  CHECK(message_of([&] {
          check_ledger(ledger, scenario, {MemoryBudget::Kind::per_class, 1, false}, "it");
        }).find("2 exemplars of class 0 after task 1, and the memory here keeps 1") != std::string::npos);
}

TEST_CASE("a contact sheet shows every class by name with ten images at most, and needs no other file") {
  const ResidentDataset data = tiny_data(3, 12, 1);
  std::vector<SheetRow> rows = {{"cat & dog", {0, 3}}, {"none", {}}, {"many", {}}};
  for (int i = 0; i < 12; ++i) rows[2].images.push_back(3 * i + 2);
  const std::string svg = contact_sheet(rows, data.train);
  CHECK(svg.starts_with("<svg xmlns="));
  CHECK(svg.find("cat &amp; dog") != std::string::npos);
  CHECK(svg.find("width=\"16\" height=\"8\" href=\"data:image/png;base64,iVBORw0KGgo") != std::string::npos);
  CHECK(svg.find("width=\"80\" height=\"8\" href=\"data:image/png;base64,") != std::string::npos);
  CHECK(svg.find("width=\"96\"") == std::string::npos);
  size_t images = 0;
  for (size_t at = svg.find("<image"); at != std::string::npos; at = svg.find("<image", at + 1)) ++images;
  CHECK(images == 2);
  CHECK(message_of([&] { contact_sheet({{"out", {36}}}, data.train); }) == "exemplar 36 is not among the 36 images");
}

}  // namespace
}  // namespace mneme::test
