#pragma once
// Signals that ask a run to stop: Ctrl-C, kill, a terminal that is closed. The first signal is recorded, and the run
// stops with everything saved; a second signal ends the program at once.

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "engine/base/stop.h"

namespace mneme {

/// While an object of this class lives, SIGINT, SIGTERM and SIGHUP are recorded instead of ending the program, and work
/// that can be given up stops (Note [Stopping]). If SIGHUP is ignored, as under nohup, it stays ignored. A second
/// signal ends the program as usual, unless it comes within a second of the first: `timeout`, systemd and Slurm send
/// one signal to a process and also to its group. Signals that relay_interrupt() sent do not count as a second one.
class NotedInterrupts {
 public:
  NotedInterrupts();
  /// Restores the handlers that the signals had before.
  ~NotedInterrupts();
  NotedInterrupts(const NotedInterrupts&) = delete;
  NotedInterrupts& operator=(const NotedInterrupts&) = delete;

 private:
  std::map<int, struct sigaction> before_;
  StopRequests requests_;
};

/// The signal that was noted, 0 if none was.
int interrupt_noted();

/// Asks the process `id`, which this program has started, to stop. If that process has already been asked, the signal
/// does not count as a second one.
void relay_interrupt(int id);

/// A command line that a shell reads as these words.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace mneme
