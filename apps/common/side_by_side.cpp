#include "apps/common/side_by_side.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <system_error>

#include "apps/terminal/interrupt.h"
#include "apps/terminal/process.h"
#include "engine/base/error.h"
#include "incremental/experiment/experiment.h"

extern char** environ;

namespace mneme {
namespace {

constexpr int look_up_every_ms = 200;  // how often the loop looks whether a signal has arrived

[[noreturn]] void fail_system(const char* what, int error) {
  fail("cannot start a run beside another: {}: {}", what, std::system_category().message(error));
}

std::vector<std::string> own_words() {
  std::ifstream line("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(line, word, '\0');) words.push_back(word);
  MNEME_CHECK(!words.empty(), "cannot start a run beside another: /proc/self/cmdline cannot be read");
  return words;
}

/// Cuts one of the two output streams of a process into lines.
class Lines {
 public:
  Lines(int from, FILE* to, std::string before) : from_(from), to_(to), before_(std::move(before)) {}

  int from() const { return from_; }  // the file descriptor; -1 once the stream has ended

  /// Passes complete lines on. Call it when poll() reports data or the end of the stream.
  void pass_on(bool silently) {
    std::array<char, 4096> part;
    const ssize_t got = read(from_, part.data(), part.size());
    if (got < 0 && errno == EINTR) return;
    if (got > 0) begun_.append(part.data(), static_cast<size_t>(got));
    for (size_t end; (end = begun_.find('\n')) != std::string::npos; begun_.erase(0, end + 1))
      if (!silently && end > 0) say(to_, fmt::format("{}: {}\n", before_, begun_.substr(0, end)));
    if (got > 0) return;
    close(from_);
    from_ = -1;
  }

 private:
  int from_;
  FILE* to_;
  std::string before_, begun_;
};

struct Process {
  const Job* job;
  pid_t id;
  std::array<Lines, 2> streams;

  bool has_ended() const { return streams[0].from() < 0 && streams[1].from() < 0; }
};

std::array<int, 2> open_pipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail_system("no pipe", errno);
  return ends;
}

Process start(const Job& job, std::vector<std::string> words) {
  words.insert(words.end(), job.words.begin(), job.words.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const std::array<int, 2> out = open_pipe(), err = open_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  pid_t id = 0;
  const int error = posix_spawn(&id, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  for (const int end : {out[1], err[1]}) close(end);
  if (error != 0) fail_system("posix_spawn", error);
  return {&job, id, {Lines(out[0], stdout, job.name), Lines(err[0], stderr, job.name)}};
}

/// Waits until a process has written something, but at most a short time. Once a signal has arrived, what the processes
/// say is left out: it is asked after the wait, because the signal may reach them and this process at once.
void pass_on_lines(std::vector<Process>& running) {
  std::vector<pollfd> waiting;
  std::vector<Lines*> streams;
  for (Process& process : running)
    for (Lines& lines : process.streams)
      if (lines.from() >= 0) {
        waiting.push_back({lines.from(), POLLIN, 0});
        streams.push_back(&lines);
      }
  if (poll(waiting.data(), waiting.size(), look_up_every_ms) <= 0) return;
  for (size_t i = 0; i < waiting.size(); ++i)
    if (waiting[i].revents) streams[i]->pass_on(interrupt_noted() != 0);
}

/// Removes the processes that have ended from `running`, and adds the names of those that failed to `failed`.
void collect(std::vector<Process>& running, std::vector<std::string>& failed) {
  std::erase_if(running, [&](const Process& process) {
    if (!process.has_ended()) return false;
    int status = 0;
    while (waitpid(process.id, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) failed.push_back(process.job->name);
    return true;
  });
}

}  // namespace

void stop_with_parent() { prctl(PR_SET_PDEATHSIG, SIGTERM); }

void run_side_by_side(const std::vector<Job>& jobs, int at_once) {
  const NotedInterrupts interrupts;
  const std::vector<std::string> words = own_words();
  std::vector<Process> running;
  std::vector<std::string> failed;
  bool told = false;
  for (size_t next = 0; !running.empty() || (next < jobs.size() && !told);) {
    while (next < jobs.size() && !told && running.size() < static_cast<size_t>(at_once))
      running.push_back(start(jobs[next++], words));
    pass_on_lines(running);
    if (interrupt_noted() && !told) {
      told = true;
      for (const Process& process : running) relay_interrupt(process.id);
    }
    collect(running, failed);
  }
  if (told) throw Interrupted("stopped; every run keeps what it has");
  if (!failed.empty())
    fail("{} of {} runs failed ({}); what they said stands above", failed.size(), jobs.size(), fmt::join(failed, ", "));
}

}  // namespace mneme
