#pragma once
// Ctrl-C and kill end a run at the next step, with everything saved; a second one ends it at once.

#include <string>
#include <vector>

namespace mneme {

/// From now on SIGINT and SIGTERM are noted instead of ending the program; the second one ends it as usual.
void note_interrupts();
/// The signal that was noted, 0 if none was.
int interrupt_noted();

/// A command line that a shell reads as these words.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace mneme
