#pragma once
// Runs tests/data/files/range_server.py while the object lives. It needs python3; without it, `port()` is 0.

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/paths.h"

namespace mneme::test {

class LocalServer {
 public:
  explicit LocalServer(const std::filesystem::path& folder) {
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], 1);
    std::string words[] = {"python3", source_path("tests/data/files/range_server.py").string(), folder.string()};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    if (posix_spawnp(&process_, "python3", &actions, nullptr, arguments, environ) != 0) process_ = 0;
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    output_ = fdopen(output[0], "r");
    std::setvbuf(output_, nullptr, _IONBF, 0);  // unbuffered, so that poll() sees every byte
    port_ = std::atoi(next_request().c_str());
  }

  ~LocalServer() {
    close(input_);  // the server ends when its input ends
    if (process_ != 0) waitpid(process_, nullptr, 0);
    std::fclose(output_);
  }
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

  /// The next request that the server received, as "PATH RANGE"; RANGE is "-" if the request had none. Empty if there
  /// was no further request.
  std::string next_request() {
    pollfd ready{fileno(output_), POLLIN, 0};
    char line[256] = "";
    if (poll(&ready, 1, 20000) != 1 || !std::fgets(line, sizeof line, output_)) return "";
    std::string text = line;
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

 private:
  pid_t process_ = 0;
  int input_ = -1, port_ = 0;
  FILE* output_ = nullptr;
};

}  // namespace mneme::test
