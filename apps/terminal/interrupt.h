#pragma once
// Stops a run on Ctrl-C and kill: the first signal ends it after the present step with everything saved, a second
// signal ends it at once.

#include <string>
#include <vector>

namespace mneme {

/// Installs the handlers. From then on the first SIGINT or SIGTERM is only recorded; the second one ends the program as
/// usual.
void note_interrupts();
/// The recorded signal; 0 if there was none.
int interrupt_noted();

/// Quotes words so that a shell reads the result as exactly these words.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace mneme
