#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "apps/terminal/console.h"

namespace mneme::test {
namespace {

/// Three tasks of 100 images each, three epochs a task.
struct Run {
  ExperimentOptions options;
  Scenario scenario;

  Run() {
    options.train.epochs = 3;
    Subset images;
    for (int i = 0; i < 100; ++i) images.append({{i}, {0}});
    scenario.train.assign(3, images);
    scenario.tasks_to_run = 3;
  }
};

/// The report of a step with ten images, in an epoch of ten steps.
StepReport step_of(int epoch, int step, int epochs = 3, const std::string& stage = "train") {
  return {0, epoch, epochs, step, 10, step * 10, 1.0, stage};
}

TEST_CASE("durations are told in seconds, minutes or hours") {
  CHECK(duration_text(-1) == "0 s");
  CHECK(duration_text(59.4) == "59 s");
  CHECK(duration_text(59.6) == "1 min 00 s");
  CHECK(duration_text(3599) == "59 min 59 s");
  CHECK(duration_text(2 * 3600 + 5 * 60 + 59) == "2 h 05 min");
}

TEST_CASE("what is left of a run counts this task's rest and the tasks to come") {
  const Run run;
  Progress progress(run.options.train, run.scenario);
  progress.start_task(0, 100);
  CHECK(progress.images_left() == 900);
  progress.saw(step_of(1, 1));
  CHECK(progress.images_seen() == 10);
  CHECK(progress.images_left() == 890);
  for (int step = 2; step <= 10; ++step) progress.saw(step_of(1, step));
  for (int step = 1; step <= 4; ++step) progress.saw(step_of(2, step));
  CHECK(progress.images_seen() == 140);
  CHECK(progress.images_left() == 760);
  progress.start_task(1, 120);  // the task's own hundred images and twenty exemplars
  CHECK(progress.images_left() == 720);
}

TEST_CASE("what another process did before a resumption makes this one no faster") {
  const Run run;
  Progress progress(run.options.train, run.scenario);
  progress.start_task(0, 100);
  progress.saw(step_of(3, 7));
  CHECK(progress.images_seen() == 10);
  CHECK(progress.images_left() == 30 + 600);
  progress.saw(step_of(3, 8));
  CHECK(progress.images_seen() == 20);
}

TEST_CASE("samplers that repeat images, warm-ups and second stages are counted as what they are") {
  const Run run;
  Progress progress(run.options.train, run.scenario);
  progress.start_task(0, 100);
  progress.saw(step_of(1, 5, 2, "warm-up"));  // a stage before the main stage
  CHECK(progress.images_left() == 50 + 100 + 900);
  progress.saw({0, 1, 3, 1, 20, 10, 1.0, "train"});  // in this epoch every image is presented twice
  CHECK(progress.images_left() == 590 + 2 * 600);
  progress.saw(step_of(2, 5, 2, "class-balance finetuning"));  // a stage after the main stage
  CHECK(progress.images_left() == 50 + 2 * 600);
}

struct Output {
  std::FILE* file = std::tmpfile();

  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { std::fclose(file); }
  std::string text() const {
    std::string all(4096, '\0');
    std::rewind(file);
    all.resize(std::fread(all.data(), 1, all.size(), file));
    return all;
  }
};

TEST_CASE("a run that writes into a file says now and then how far it is") {
  const Run run;
  TaskContext context;
  context.task_sizes = {10};
  const Output often, seldom;
  for (const Output* out : {&often, &seldom}) {
    Console console(run.options, run.scenario, ProgressBar(out->file, std::chrono::hours(out == &often ? 0 : 1)));
    const ExperimentCallbacks callbacks = console.callbacks();
    callbacks.on_task_start(0, context, run.scenario.train[0]);
    callbacks.training.on_step(step_of(2, 5));
    callbacks.training.on_step(step_of(1, 2, 7, "bias correction"));
  }
  CHECK(seldom.text() == "task 1/3: classes 0 to 9, 100 images\n");
  CHECK(often.text().find("\ntask 1/3  epoch 2/3  step 5/10  loss 1.000") != std::string::npos);
  CHECK(often.text().find("\ntask 1/3  bias correction, epoch 1/7  step 2/10  loss 1.000") != std::string::npos);
  CHECK(often.text().find("images/s") != std::string::npos);
  CHECK(often.text().find(" left\n") != std::string::npos);
  CHECK(often.text().find('\r') == std::string::npos);
}

/// Sets or removes an environment variable until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) before_ = old;
    set(value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { set(before_ ? before_->c_str() : nullptr); }

 private:
  void set(const char* value) { value ? setenv(name_, value, 1) : unsetenv(name_); }

  const char* name_;
  std::optional<std::string> before_;
};

/// Runs the code on a pseudo-terminal without a window size. The file shows what was written.
struct Terminal {
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  std::FILE* file = nullptr;

  Terminal() {
    REQUIRE(master >= 0);
    REQUIRE(grantpt(master) == 0);
    REQUIRE(unlockpt(master) == 0);
    const int side = open(ptsname(master), O_RDWR | O_NOCTTY);
    REQUIRE(side >= 0);
    file = fdopen(side, "w");
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    std::fclose(file);
    close(master);
  }

  void resize(unsigned short columns) const {
    const winsize window = {24, columns, 0, 0};
    REQUIRE(ioctl(master, TIOCSWINSZ, &window) == 0);
  }
  /// Returns what was written since the last call, and requires that it is not empty.
  std::string text() const {
    std::string all(4096, '\0');
    const auto size = read(master, all.data(), all.size());
    REQUIRE(size > 0);
    all.resize(static_cast<size_t>(size));
    return all;
  }
};

const std::string hundred(100, 'x');
TEST_CASE("text is folded at blanks to the width of a terminal, counted in code points") {
  CHECK(folded("one two three", 80) == "one two three");
  CHECK(folded("one two three", 8) == "one two\n  three");
  CHECK(folded("one two three", 7) == "one\n  two\n  three");
  CHECK(folded("unbreakable word", 6) == "unbreakable\n  word");
  CHECK(folded("\u00e4\u00f6\u00fc x", 6) == "\u00e4\u00f6\u00fc x");
  CHECK(folded("", 10).empty());
}

/// The text that a line of a hundred letters becomes when only the first `count` fit.
std::string cut(size_t count) { return std::string(count, 'x') + "..."; }

TEST_CASE("a text is cut to fewer columns than a window has, between code points") {
  CHECK(cut_to_columns("twelve chars", 13) == "twelve chars");
  CHECK(cut_to_columns("twelve chars", 12) == "twelve c...");
  CHECK(cut_to_columns("twelve chars", 4) == "twe");
  CHECK(cut_to_columns("twelve chars", 1) == "");
  CHECK(cut_to_columns("twelve chars", 0) == "");
  CHECK(cut_to_columns("äöüäöü", 7) == "äöüäöü");
  CHECK(cut_to_columns("äöüäöü", 6) == "äö...");
}

TEST_CASE("the live line follows the width of its window, and lines to stay are whole") {
  const Environment term("TERM", "xterm");
  const Terminal terminal;
  ProgressBar bar(terminal.file);
  for (const unsigned short columns : {80, 40, 101}) {
    terminal.resize(columns);
    CHECK(terminal_columns(terminal.file) == columns);
    bar.show(hundred);
    CHECK(terminal.text() == "\r\033[K" + (columns > 100 ? hundred : cut(columns - 4u)));
  }
  terminal.resize(40);
  bar.keep(hundred);
  CHECK(terminal.text() == "\r\033[K" + hundred + "\r\n");
}

TEST_CASE("a window of unknown width has as many columns as COLUMNS says, and otherwise 80") {
  const Terminal terminal;
  {
    const Environment columns("COLUMNS", "50");
    CHECK(terminal_columns(terminal.file) == 50);
    terminal.resize(60);
    CHECK(terminal_columns(terminal.file) == 60);
    terminal.resize(0);
  }
  for (const char* none : {static_cast<const char*>(nullptr), "", "wide", "-5", "0", "50x", "99999999999"}) {
    const Environment columns("COLUMNS", none);
    CHECK(terminal_columns(terminal.file) == 80);
  }
}

TEST_CASE("a terminal that knows no escape codes gets none, but lines that fit its window now and then") {
  for (const char* kind : {"dumb", "", static_cast<const char*>(nullptr)}) {
    const Environment term("TERM", kind);
    const Terminal terminal;
    terminal.resize(40);
    ProgressBar bar(terminal.file);
    CHECK_FALSE(bar.due());
    bar.show(hundred);
    CHECK(terminal.text() == cut(36) + "\r\n");
    bar.keep("kept");
    CHECK(terminal.text() == "kept\r\n");
  }
}

TEST_CASE("why steps are not run as graph launches is said once") {
  const Run run;
  const Output out;
  Console console(run.options, run.scenario, ProgressBar(out.file));
  const ExperimentCallbacks callbacks = console.callbacks();
  EpochReport report;
  callbacks.training.on_epoch(report);
  CHECK(out.text().empty());
  report.capture_obstacle = "they are all different";
  for (int i = 0; i < 3; ++i) callbacks.training.on_epoch(report);
  CHECK(out.text() == "  steps are not captured into a graph, which would be faster: they are all different\n");
}

}  // namespace
}  // namespace mneme::test
