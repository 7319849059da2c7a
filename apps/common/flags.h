#pragma once
// The command line that all class-incremental benchmarks share: flags onto options, grouped for --help.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "incremental/experiment/experiment.h"

namespace mneme {

/// Which images, and how they are read. What is meant for sets of large pictures does nothing elsewhere.
struct ImageFlags {
  bool extra = false;      ///< what else the set offers
  std::string subset;      ///< which classes of it
  int image_size = 224;    ///< of what the network is given, on each side
  int decode_threads = 0;  ///< 0: as many as the processor has
  int64_t skip_bad = 0;    ///< so many bad files are left out before it is an error
  bool unchecked = false;  ///< pictures are not all decoded once before the run
};

/// What computes, and how.
struct MachineFlags {
  std::string device;
  std::optional<std::string> precision, capture_steps;  ///< none: as it is already
  int threads = 0;                                      ///< 0: physical cores
  bool exact_convolutions = false, deterministic = false;

  MachineFlags();  // defined elsewhere, or GCC 12 takes copies for uninitialised
};

/// What the user asked for, before names are looked up.
struct Flags {
  ExperimentOptions experiment;
  ImageFlags images;
  std::filesystem::path data;  ///< empty: the built-in generated images
  std::string auxiliary;       ///< a folder, or "generated"; empty: none
  std::filesystem::path out;
  bool overwrite = false, resume = false, quiet = false;
  bool list_methods = false, list_presets = false, dry_run = false, verify_determinism = false;
  std::string help_method;                 ///< print this method's options and stop; empty: do not
  std::vector<std::string> given_options;  ///< flags of the options of methods that this command line gives
  MachineFlags machine;
  int generated_classes = 20, generated_per_class = 200;
  uint64_t generated_seed = 1;
  std::vector<uint64_t> seeds;        ///< one run for each; empty: one run with experiment.seed
  int jobs = 1;                       ///< of them at the same time
  std::optional<uint64_t> only_seed;  ///< this process is to run this one of them
  std::filesystem::path against;      ///< runs of the same seeds to compare with
  bool mixed = false;                 ///< compare even what follows different protocols
  std::string schedule = "steps", augmentation = "crop", selection = "herding", shortcut = "projection", classifier;
  int memory_per_class = 0, memory_total = 0, base_classes = 0;
  bool no_models = false, multi_softmax = false;
  bool flip = true;  ///< whether an augmentation that crops also mirrors
};

/// Declares the flags that choose a method and set its options.
void add_method_flags(CLI::App& app, Flags& flags);

/// What --help-method prints: the method's summary, formula, source and options. Throws UsageError, with the nearest
/// name, for an unknown one.
std::string method_help(const std::string& name);

/// Declares every flag of `flags` on `app`.
void add_flags(CLI::App& app, Flags& flags);

/// Declares the flags of `flags` on `app`, under that heading.
void add_flags(CLI::App& app, MachineFlags& flags, const char* group);
/// Sets threads, precision and convolution kernels as the flags say, and returns the device; "auto" is the GPU if there
/// is a usable one. Throws UsageError for unknown names, and says why where the device cannot be used.
Device choose_machine(const MachineFlags& flags);

/// Looks up the names among the flags and checks that the flags do not contradict each other: fills in `experiment` and
/// chooses the machine. An option of a method that is not used becomes a remark of `experiment`. Throws UsageError.
void resolve(Flags& flags);

}  // namespace mneme
