#pragma once
// Several processes of this very program at once.

#include <string>
#include <vector>

namespace mneme {

struct Job {
  std::string name;
  std::vector<std::string> words;  ///< of the command line, after the program's own words
};

/// Starts this program again for every job, with the words it was itself started with and the job's, `at_once` at a
/// time. What they print is passed on line by line, each after its job's name. All jobs are seen through, then Error
/// names those that failed. A signal that is noted meanwhile is sent to them; they stop, and Interrupted is thrown.
void run_side_by_side(const std::vector<Job>& jobs, int at_once);

}  // namespace mneme
