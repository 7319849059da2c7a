#pragma once
// Runs code that is expected to end the process.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "tests/cuda_stand_in/control.h"

namespace mneme::test {

/// Runs `body` in a copy of this process and returns what it printed on standard error, or "it lived" if `body`
/// returned.
template <class Body>
std::string last_words(const Body& body) {
  std::FILE* const text = std::tmpfile();
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // keeps the report of the test framework out of the result
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
