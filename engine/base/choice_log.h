#pragma once
// A log of algorithms that were chosen by measuring, so that a reader of a time can see which algorithms were timed.

#include <string>
#include <vector>

namespace mneme {

/// Adds one line to the log: what was chosen, and for which operation.
void note_choice(std::string line);
/// All lines so far, in order. Empty in a build without CUDA.
std::vector<std::string> choices_noted();

}  // namespace mneme
