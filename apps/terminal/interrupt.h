#pragma once
// Signals that ask a run to stop: Ctrl-C, kill, a terminal that is closed. They are noted, and the run ends with
// everything saved; a second one ends it at once.

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "engine/base/stop.h"

namespace mneme {

/// While an object lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the program, and work that can be
/// given up is (Note [Stopping]). SIGHUP stays ignored where it is, as under nohup. A second signal ends the program as
/// usual, but not in the second after the first: `timeout`, systemd and Slurm send a signal to a process and to its
/// group, and a process must not take that for impatience. Nor does a signal count that relay_interrupt() sent.
class NotedInterrupts {
 public:
  NotedInterrupts();
  /// The signals do again what they did before.
  ~NotedInterrupts();
  NotedInterrupts(const NotedInterrupts&) = delete;
  NotedInterrupts& operator=(const NotedInterrupts&) = delete;

 private:
  std::map<int, struct sigaction> before_;
  StopRequests requests_;
};

/// The signal that was noted, 0 if none was.
int interrupt_noted();

/// Asks the process `id`, which this program has started, to stop. If it has been asked already, this is no second
/// time.
void relay_interrupt(int id);

/// A command line that a shell reads as these words.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace mneme
