#pragma once
// Runs code that is expected to end the program.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "tests/cuda_stand_in/control.h"

namespace mneme::test {

/// What `body` printed on the standard error output in a process of its own, a copy of this one; "it lived" if it came
/// to its end.
template <class Body>
std::string last_words(const Body& body) {
  std::FILE* const text = std::tmpfile();
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // not the test framework's report
    stand_in::explain_bad_accesses();
    dup2(fileno(text), STDERR_FILENO);
    body();
    std::fputs("it lived", stderr);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  std::rewind(text);
  std::string words;
  for (int c; (c = std::fgetc(text)) != EOF;) words += static_cast<char>(c);
  std::fclose(text);
  return words;
}

}  // namespace mneme::test
