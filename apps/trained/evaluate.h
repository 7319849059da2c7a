#pragma once
// The verb `evaluate`: what a trained model predicts for test images.

#include <filesystem>
#include <string>

#include "apps/terminal/machine_flags.h"
#include "data/batches/image_set.h"
#include "incremental/models/model_file.h"

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

/// The trained model that a verb uses, and the rule by which it predicts.
struct TrainedFlags {
  std::filesystem::path model;  ///< a model file, or the folder of a run
  int after = 0;                ///< of a run: the model after so many tasks; 0: after the last one
  std::string predict_by;       ///< a name of rule_named(); empty: the model's own rule
  MachineFlags machine;         ///< the device
};

/// Declares the argument MODEL and these flags on `verb`.
void add_trained_flags(CLI::App& verb, TrainedFlags& flags);

/// The file that the flags name. Throws as model_path_of() does.
std::filesystem::path file_of(const TrainedFlags& flags);

/// Sets up the machine as the flags and the model say, and builds the model on it. Throws as choose_machine() and
/// build_model() do.
TrainedModel build_trained(const ModelContent& content, const TrainedFlags& flags, Device& device);

struct EvaluateFlags {
  TrainedFlags trained;
  std::filesystem::path out,  ///< folder for tables and pictures; empty: none
      features;               ///< file for features and logits; empty: none
  bool as_json = false;       ///< print JSON instead of a table
};

/// Adds the verb with its flags to `app`, and returns it. Parsing fills `flags`, which must outlive `app`.
CLI::App* add_evaluate(CLI::App& app, EvaluateFlags& flags);

/// Evaluates the model `content` on the test images of `data`, prints what was found and writes the files that the
/// flags name. `which` tells people which images these are. Throws Error if one of the files is there already, before
/// anything is computed, and as subsets_for() does.
void evaluate_trained(const EvaluateFlags& flags, const ModelContent& content, const Dataset& data,
                      const std::string& which);

}  // namespace mneme
