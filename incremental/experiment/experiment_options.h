#pragma once
// Everything that a user chooses about a run.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batches/image_set.h"
#include "incremental/experiment/storage/provenance.h"
#include "incremental/memory/exemplars.h"
#include "incremental/methods/registry.h"
#include "incremental/methods/slots.h"
#include "incremental/protocol/scenario.h"
#include "incremental/report/results/run_result.h"
#include "incremental/training/grid_search.h"
#include "layers/network.h"

namespace mneme {

struct Pretrained;

struct ExperimentOptions {
  std::string method = "lwf";
  MethodOptions method_options;
  SlotChoices slots;  ///< replace slots of the method
  ScenarioOptions scenario;
  TrainOptions train;
  GridSearchOptions grid;
  MemoryBudget memory;
  Selection selection = Selection::herding;
  NeuralGasOptions gas;
  bool reselect_old = false;  ///< choose old classes' exemplars anew after every task (FACIL) instead of truncating
  NetworkOptions network;
  /// The classifier that the user chose; none: the one that the method asks for.
  std::optional<ClassifierKind> classifier;
  bool whole_head = false;                        ///< NetworkConfig::whole_head; the method chooses it
  std::string predict_by;                         ///< a name that rule_named() knows; empty: the method's rule
  std::shared_ptr<const OwnedDataset> auxiliary;  ///< a second data set, for methods that train on one
  std::shared_ptr<const Pretrained> pretrained;   ///< the weights that networks begin with; null: random ones
  uint64_t seed = 1;
  Device device = Device::cpu;
  bool save_models = true;
  std::filesystem::path first_task_from;   ///< a run whose first task this run loads instead of training it
  std::filesystem::path exemplars_from;    ///< a run whose exemplars this run uses instead of choosing its own
  std::filesystem::path reference;         ///< a finished run that intransigence is measured against
  bool forward_transfer = false;           ///< measure how much the features know each task before it is learned
  std::string preset;                      ///< the preset's name, for run.json; empty if there is none
  std::vector<PublishedNumber> published;  ///< the numbers that the preset's paper reports
  std::vector<std::string> departures;     ///< differences from the preset, a phrase each
  std::vector<std::string> left_out;       ///< images that were left out or are doubtful: a phrase with the number each
  std::vector<std::string> remarks;        ///< what a reader of the report must know about this run
  RunOrigin origin;                        ///< how the program was started, for run.json
};

/// Throws UsageError, naming the flag, when a number in `options` is outside its valid range.
void check_ranges(const ExperimentOptions& options);

/// The method that `options` name, with its options, the slots that `options` replace, and the prediction rule that
/// they name. Throws UsageError for an unknown name.
Method method_for(const ExperimentOptions& options);

/// `options` with the classifier and the network settings that the method asks for, where the user chose none.
ExperimentOptions with_network_config(ExperimentOptions options, const NetworkConfig& config);

/// Throws UsageError, naming the flags, when `options` contradict each other or what `method` needs.
void check_compatible(const ExperimentOptions& options, const Method& method);

}  // namespace mneme
