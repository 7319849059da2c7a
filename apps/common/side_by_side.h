#pragma once
// Runs several processes of this program at the same time.

#include <string>
#include <vector>

namespace mneme {

struct Job {
  std::string name;
  std::vector<std::string> words;  ///< arguments that are added to the command line of this process
};

/// To be called by a process that run_side_by_side() has started. From then on the process is asked to stop when the
/// process that started it ends, even if that one was killed.
void stop_with_parent();

/// Starts this program once for every job, at most `at_once` at a time. Each process gets this process's own command
/// line and then the words of its job. Their output is passed on line by line, after the name of the job. A failed job
/// does not stop the others; at the end Error names the failed ones. If a signal arrives, it is sent to all processes;
/// when they have stopped, Interrupted is thrown.
void run_side_by_side(const std::vector<Job>& jobs, int at_once);

}  // namespace mneme
