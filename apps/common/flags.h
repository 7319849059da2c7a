#pragma once
// The command line that all class-incremental benchmarks share: binds flags to options, in the groups of --help.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/terminal/machine_flags.h"
#include "incremental/experiment/experiment.h"

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

/// Which images a run reads, and how. Fields for sets of large images have no effect on other sets.
struct ImageFlags {
  bool extra = false;       ///< also use the additional images of the data set, for example those of SVHN
  std::string set;          ///< which of several sets, for programs that read more than one
  std::string subset;       ///< the choice of classes, for sets that offer one
  int image_size = 224;     ///< side in pixels of the images that the network is given
  int decode_threads = 0;   ///< threads that decode images; 0: one for each processor
  int64_t skip_bad = 0;     ///< how many unreadable files may be left out before it is an error
  bool unchecked = false;   ///< do not decode every image once before the run
  double test_share = 0.2;  ///< in a folder that is not split: the share of each class that is used for testing
  uint64_t split_seed = 1;  ///< the seed that chooses these test images
};

/// What the user asked for, before resolve() looks up the names.
struct Flags {
  ExperimentOptions experiment;            ///< what the flags set directly; resolve() fills in the rest
  ImageFlags images;                       ///< which images are read, and how
  std::filesystem::path data;              ///< empty: the built-in generated images
  std::string auxiliary;                   ///< a folder, or "generated"; empty: none
  std::filesystem::path pretrained;        ///< a file with the weights that networks begin with; empty: random ones
  bool pretrained_head = false;            ///< keep the head among the weights in `pretrained`
  std::filesystem::path out;               ///< the folder for the results; empty: resolve() names one
  bool overwrite = false,                  ///< replace the run that is already in `out`
      resume = false,                      ///< continue the run in `out`, or begin it
      quiet = false;                       ///< print nothing but the path of the report
  bool list_methods = false,               ///< print the methods and stop
      list_presets = false,                ///< print the presets with their published numbers and stop
      print_config = false,                ///< print a --config file with all settings and stop
      dry_run = false,                     ///< print images, parameters, memory, disk and time of the run, and stop
      verify_determinism = false;          ///< first train a few steps twice, and stop unless they are equal to the bit
  std::string help_method;                 ///< print this method's options and stop; empty: do not
  std::vector<std::string> given_options;  ///< flags of the options of methods that this command line gives
  MachineFlags machine;                    ///< the device, and how it computes
  int generated_classes = 20,              ///< without `data`: the number of generated classes
      generated_per_class = 200;           ///< without `data`: training images of each class
  uint64_t generated_seed = 1;             ///< without `data`: the seed from which the images are generated
  std::vector<uint64_t> seeds;             ///< one run for each seed; empty: one run with experiment.seed
  int jobs = 1;                            ///< how many runs of --seeds are trained at the same time
  /// The seed of this process's run, if another process has started it as one of several.
  std::optional<uint64_t> only_seed;
  std::filesystem::path against;   ///< finished runs of the same seeds that the report compares with
  bool mixed = false;              ///< compare even runs of different protocols
  std::string schedule = "steps",  ///< the learning rate's schedule, a name of schedule_named()
      augmentation = "crop",       ///< of the training images, a name of augmentation_named()
      selection = "herding",       ///< how exemplars are chosen, a name of selection_named()
      shortcut = "projection",     ///< "projection" or "zero-pad"
      classifier;                  ///< a name of classifier_named(); empty: the one that the method asks for
  int memory_per_class = 0,        ///< exemplars kept of every class; 0: no such budget
      memory_total = 0,            ///< exemplars kept in all; 0: no such budget
      base_classes = 0;            ///< classes of the first task; 0: as many as the others
  bool no_models = false,          ///< the weights are not saved after each task
      multi_softmax = false;       ///< shorthand for --predict-by multi-softmax
  bool flip = true;                ///< whether an augmentation that crops also mirrors
};

/// Declares the flags that choose a method and set its options.
void add_method_flags(CLI::App& app, Flags& flags);

/// What --help-method prints: the method's summary, formula, source and options. Throws UsageError, with the nearest
/// name, for an unknown one.
std::string method_help(const std::string& name);

/// Declares every flag of `flags` on `app`.
void add_flags(CLI::App& app, Flags& flags);

/// Looks up the names among the flags and checks that no two flags contradict each other. Fills in `experiment` and
/// sets up the machine. An option that the method does not use becomes a remark of `experiment`. Throws UsageError.
void resolve(Flags& flags);

}  // namespace mneme
