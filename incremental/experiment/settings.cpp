// run.json: every setting that decides a run's results, by the names the command line uses.

#include "incremental/experiment/settings.h"

#include <nlohmann/json.hpp>

#include "data/batches/fingerprint.h"
#include "data/files/checksum.h"
#include "engine/base/version.h"
#include "engine/device.h"
#include "engine/precision.h"
#include "incremental/models/pretrained.h"

namespace mneme {
namespace {

using nlohmann::json;

constexpr size_t id_length = 12;  // of an id's 64 digits: enough to tell runs apart, short enough to read

json schedule_of(const TrainOptions& t) {
  json out = {{"kind", name_of(t.schedule)}, {"lr", t.learning_rate}};
  if (t.schedule == ScheduleKind::steps) out["milestones"] = t.milestones, out["lr_gamma"] = t.lr_gamma;
  if (t.schedule == ScheduleKind::cosine && t.schedule_lag > 0) out["lr_lag"] = t.schedule_lag;
  if (t.schedule == ScheduleKind::patience)
    out["lr_patience"] = t.patience.patience, out["lr_factor"] = t.patience.factor, out["lr_min"] = t.patience.least;
  return out;
}

json training_of(const TrainOptions& t) {
  json out = {{"epochs", t.epochs},
              {"base_epochs", t.base_epochs ? t.base_epochs : t.epochs},
              {"batch_size", t.batch_size},
              {"schedule", schedule_of(t)},
              {"momentum", t.sgd.momentum},
              {"weight_decay", t.sgd.weight_decay},
              {"nesterov", t.sgd.nesterov},
              {"clip_norm", t.clip_norm},
              {"warmup_epochs", t.warmup_epochs},
              {"warmup_factor", t.warmup_factor},
              {"fix_bn", t.fix_bn},
              {"augmentation",
               {{"crop", name_of(t.augmentation.crop)},
                {"pad", t.augmentation.pad},
                {"flip", t.augmentation.flip},
                {"brightness", t.augmentation.brightness}}}};
  // Protocols' ids are hashes of this: what is not asked for must not appear.
  if (t.clip_value > 0) out["clip_value"] = t.clip_value;
  if (t.drop_last) out["drop_last"] = true;
  if (t.later_divisor > 1) out["later_divisor"] = t.later_divisor;
  if (t.lr_by_task) out["lr_by_task"] = true;
  if (t.keep_momentum) out["keep_momentum"] = true;
  return out;
}

json grid_of(const GridSearchOptions& g) {
  return {{"tasks", g.tasks}, {"first_lrs", g.first_lrs}, {"lrs", g.lrs},    {"lrs_tried", g.lrs_tried},
          {"drop", g.drop},   {"decay", g.decay},         {"tries", g.tries}};
}

json memory_of(const ExperimentOptions& o) {
  constexpr const char* kinds[] = {"none", "per class", "total"};
  json out = {{"kind", kinds[static_cast<int>(o.memory.kind)]}};
  if (o.memory.kind == MemoryBudget::Kind::none) return out;
  out["images"] = o.memory.images;
  if (o.memory.kind == MemoryBudget::Kind::total) out["round_up"] = o.memory.round_up;
  if (o.memory.fill) out["fill"] = true;
  if (o.memory.shared_by > 0) out["shared_by"] = o.memory.shared_by;
  out["selection"] = name_of(o.selection);
  if (o.selection == Selection::neural_gas)
    out["gas"] = {{"step", o.gas.step}, {"decay", o.gas.decay}, {"epochs", o.gas.epochs}};
  out["reselect_old"] = o.reselect_old;
  return out;
}

/// The user's choices for the network. network_of() returns the complete network, with the choices of the method.
json chosen_network(const ExperimentOptions& o) {
  return {{"name", o.network.name}, {"shortcut", name_of(o.network.shortcut)}};
}

json network_of(const ExperimentOptions& o) {
  json out = chosen_network(o);
  out["last_relu"] = o.network.last_relu;
  out["shortcut"] = name_of(shortcut_of(o.network));
  if (o.network.signed_blocks) out["signed_blocks"] = true;
  if (o.network.signed_maps) out["signed_maps"] = true;
  if (o.network.kernel_scales) out["kernel_scales"] = true;
  if (o.whole_head) out["whole_head"] = true;
  out["classifier"] = name_of(o.classifier.value_or(ClassifierKind::linear));
  return out;
}

/// The weights that networks begin with, by their content: a file may be moved.
json pretrained_of(const Pretrained& weights) {
  return {{"id", weights.id}, {"head", weights.keeps_head ? "kept" : "dropped"}};
}

/// The options that the method and the chosen slots use: Note [Method options].
json method_of(const ExperimentOptions& o) {
  json out = {{"name", o.method}};
  for (const Option& option : options_in_use(o.method, o.slots))
    if (const json value = option.value(o.method_options); !value.is_null()) out[option.key()] = value;
  const SlotChoices& s = o.slots;
  if (!s.prediction.empty()) out["prediction"] = s.prediction;
  if (!s.distillation.empty()) out["distill"] = s.distillation;
  if (!s.second_stage.empty()) out["second_stage"] = s.second_stage;
  if (!s.sampler.empty()) out["sampler"] = s.sampler;
  return out;
}

}  // namespace

json data_settings(const Dataset& data) {
  return {{"name", data.train.info.name},
          {"train_images", data.train.size()},
          {"test_images", data.test.size()},
          {"id", fingerprint(data).substr(0, id_length)}};
}

json protocol_of(const ExperimentOptions& o, const Scenario& s) {
  json order = s.order;
  if (o.scenario.order == "shuffled") order = "shuffled by the seed";
  json out = {{"class_order", order},
              {"classes_per_task", s.classes_per_task},
              {"tasks_to_run", s.tasks_to_run},
              {"validation_fraction", o.scenario.validation_fraction},
              {"training", training_of(o.train)},
              {"memory", memory_of(o)},
              {"network", chosen_network(o)},
              {"task_agnostic_prediction", o.predict_by.empty() ? "the method's" : o.predict_by}};
  if (o.grid.tasks > 0) out["grid_search"] = grid_of(o.grid);
  if (o.pretrained) out["pretrained"] = pretrained_of(*o.pretrained);
  return out;
}

std::string protocol_id(const ExperimentOptions& o, const Scenario& s) {
  return sha256(protocol_of(o, s).dump()).substr(0, id_length);
}

json first_task_settings(const ExperimentOptions& o, const json& data, const Scenario& s, const std::string& loss) {
  json training = training_of(o.train);
  training["epochs"] = training["base_epochs"];
  for (const char* later :
       {"base_epochs", "warmup_epochs", "warmup_factor", "fix_bn", "later_divisor", "lr_by_task", "keep_momentum"})
    training.erase(later);
  json out = {{"loss", loss},
              {"seed", o.seed},
              {"data", data},
              {"classes", std::vector<int>(s.order.begin(), s.order.begin() + s.classes_per_task[0])},
              {"validation_fraction", o.scenario.validation_fraction},
              {"training", training},
              {"network", network_of(o)}};
  if (o.grid.tasks > 0) out["grid_search"] = grid_of(o.grid);
  if (o.pretrained) out["pretrained"] = pretrained_of(*o.pretrained);
  return out;
}

std::string guarantee_of(Device device) {
  const std::string equal =
      "Run again with the same settings and build, stopped and resumed in between or not, this gives the same weights "
      "and the same files to the last bit";
  const std::string other =
      " Other devices, builds and instruction sets agree to rounding, which grows over training steps.";
  switch (device) {
    case Device::reference: return equal + ": plain loops on one thread." + other;
    case Device::cpu: return equal + ", with any number of threads, on the same model of CPU." + other;
    case Device::cuda: break;
  }
  if (deterministic()) return equal + ", on the same GPU and libraries." + other;
  return "On this GPU the fastest algorithms are chosen by measuring, and some add in whatever order threads arrive: "
         "run again, this gives the same draws, and numbers that agree to rounding, which grows over training steps. "
         "--deterministic makes runs on one GPU equal to the bit.";
}

json settings_of(const ExperimentOptions& o, const json& data, const Scenario& s) {
  json out = protocol_of(o, s);
  out.update({{"method", method_of(o)},
              {"network", network_of(o)},
              {"preset", o.preset},
              {"seed", o.seed},
              {"data", data},
              {"class_order", s.order},
              {"protocol", protocol_id(o, s)},
              {"device", name_of(o.device)},
              {"exact_convolutions", exact_convolutions()},
              {"backend", backend(o.device).describe()},
              {"version", version()}});
  if (!o.left_out.empty()) out["left_out"] = o.left_out;
  return out;
}

}  // namespace mneme
