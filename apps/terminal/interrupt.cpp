#include "apps/terminal/interrupt.h"

#include <ctime>

namespace mneme {
namespace {

constexpr double one_request = 1;  // signals within so many seconds of the first are one request

volatile std::sig_atomic_t noted = 0;
timespec noted_at{};

double seconds_since_noted() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec - noted_at.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec - noted_at.tv_nsec);
}

/// The handler of the signals. It calls only functions that are safe in a signal handler.
void note(int signal, siginfo_t* about, void*) {
  if (noted == 0) {
    clock_gettime(CLOCK_MONOTONIC, &noted_at);
    noted = signal;
    return;
  }
  if (about->si_code == SI_QUEUE || seconds_since_noted() < one_request) return;
  std::signal(signal, SIG_DFL);
  raise(signal);
}

bool is_ignored(int signal) {
  struct sigaction now = {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

/// Quotes a word if a shell would not read it as it is. In the first word an equals sign would make an assignment.
std::string shell_word(const std::string& word, bool first) {
  constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,@%=";
  const bool assigns = first && word.find('=') != std::string::npos;
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos && !assigns) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

NotedInterrupts::NotedInterrupts() : requests_([] { return interrupt_noted() != 0; }) {
  struct sigaction action = {};
  action.sa_sigaction = note;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (signal == SIGHUP && is_ignored(signal)) continue;
    sigaction(signal, &action, &before_[signal]);
  }
}

NotedInterrupts::~NotedInterrupts() {
  for (const auto& [signal, action] : before_) sigaction(signal, &action, nullptr);
}

int interrupt_noted() { return noted; }

void relay_interrupt(int id) { sigqueue(id, SIGTERM, {}); }

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word, line.empty());
  return line;
}

}  // namespace mneme
