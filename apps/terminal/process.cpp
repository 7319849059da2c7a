#include "apps/terminal/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "engine/base/parallel.h"

namespace mneme {
namespace {

constexpr int unknown = -1;
int output_error = 0;  // errno of the first write to standard output that failed; 0: none did

/// Flags that decide how much memory a run needs. If the user gave none of them, the message names the first.
constexpr std::array<std::string_view, 9> about_memory{"--batch-size", "--generated-per-class", "--generated-classes",
                                                       "--image-size", "--memory-per-class",    "--memory-total",
                                                       "--threads",    "--decode-threads",      "--jobs"};

}  // namespace

void settle_process() {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // Open() returns the lowest number that is free.
    if (fcntl(standard, F_GETFD) < 0 && errno == EBADF) (void)open("/dev/null", O_RDWR);
  std::signal(SIGXFSZ, SIG_IGN);
}

void say(std::FILE* to, std::string_view text) {
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0;
  if (!written && to == stdout && output_error == 0) output_error = errno ? errno : unknown;
}

std::string flush_output() {
  say(stdout, {});
  std::cout.flush();
  if ((!std::cout || std::ferror(stdout)) && output_error == 0) output_error = unknown;
  if (output_error == 0) return {};
  return output_error == unknown ? "it is full, or was closed" : std::strerror(output_error);
}

void use_threads(int count, std::string_view name) {
  if (const int refused = set_threads(count))
    say(stderr, fmt::format("{}: the system refused {} of {} threads; going on with {}\n", name, refused,
                            refused + threads(), threads()));
}

std::string out_of_memory(const std::vector<std::string>& words) {
  std::vector<std::string_view> given;
  for (const std::string_view flag : about_memory)
    if (std::ranges::any_of(words, [&](const std::string& word) {
          return word == flag || (word.starts_with(flag) && word[flag.size()] == '=');
        }))
      given.push_back(flag);
  if (given.empty()) given.push_back(about_memory.front());
  return fmt::format("out of memory: lower {}, or give the program more (ulimit -v, or the limit of its container)",
                     fmt::join(given, " or "));
}

}  // namespace mneme
