#pragma once
// What was chosen by measuring while the program ran: a reader of its figures can see which of a library's algorithms
// they are of.

#include <string>
#include <vector>

namespace mneme {

/// Notes one choice: what was chosen for what, on one line.
void note_choice(std::string line);
/// All choices so far, in their order; empty in a build without CUDA.
std::vector<std::string> choices_noted();

}  // namespace mneme
