#pragma once
// Runs a program as a user does, and returns what it prints on each stream and its exit code.

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "data/files/file_bytes.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/paths.h"

namespace mneme::test {

struct Said {
  int code;
  std::string out, err;
};

/// Runs the program in a folder of its own.
class Program {
 public:
  Program() = default;
  explicit Program(const std::filesystem::path& where) : folder_(where) {}

  /// `runner` is a command that runs the program, for example "timeout 100".
  Said run(const std::string& arguments, const std::string& runner = "timeout 100") const {
    return shell(runner + " \"$cifar100\" " + arguments);
  }
  /// Runs a shell command. The command finds the programs in the variables $cifar100 and $report. GPUs are hidden: what
  /// these tests expect, down to the bits, is what the CPU does.
  Said shell(const std::string& command) const {
    const std::string whole = "cd '" + folder_.path().string() + "' && cifar100='" + program_path("cifar100") +
                              "' report='" + program_path("report") + "' && export MNEME_PROGRAMS='" + program_path() +
                              "' CUDA_VISIBLE_DEVICES= && { " + command + "; } >out.txt 2>err.txt </dev/null";
    const int status = std::system(whole.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder_ / "out.txt"),
            read_file(folder_ / "err.txt")};
  }
  const ScratchFolder& folder() const { return folder_; }

 private:
  ScratchFolder folder_;
};

/// Writes four uniform images of every class in CIFAR-100's binary layout into data/ in the program's folder.
inline void write_cifar(const Program& program) {
  std::string records;
  for (int i = 0; i < 400; ++i)
    records += std::string(1, '\0') + static_cast<char>(i % 100) + std::string(3072, static_cast<char>(i));
  program.folder().write("data/cifar-100-binary/train.bin", records);
  program.folder().write("data/cifar-100-binary/test.bin", records.substr(0, records.size() / 4));
}

/// Flags of a run that takes about a second: four generated classes in two tasks, one epoch of a shallow network.
inline const std::string tiny =
    "--generated-classes 4 --generated-per-class 10 --tasks 2 --epochs 1 --network resnet8 --batch-size 16 --order "
    "identity ";

}  // namespace mneme::test
