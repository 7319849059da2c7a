// run.json: every setting that decides a run's results, by the names the command line uses.

#include <nlohmann/json.hpp>

#include "data/batches/fingerprint.h"
#include "data/files/checksum.h"
#include "engine/device.h"
#include "engine/precision.h"
#include "engine/base/version.h"
#include "incremental/experiment/experiment.h"

namespace mneme {
namespace {

using nlohmann::json;

constexpr size_t id_length = 12;  // of an id's 64 digits: enough to tell runs apart, short enough to read

json schedule_of(const TrainOptions& t) {
  json out = {{"kind", name_of(t.schedule)}, {"learning_rate", t.learning_rate}};
  if (t.schedule == ScheduleKind::steps) out["milestones"] = t.milestones, out["factor"] = t.step_factor;
  if (t.schedule == ScheduleKind::cosine && t.schedule_lag > 0) out["lag"] = t.schedule_lag;
  if (t.schedule == ScheduleKind::patience)
    out["patience"] = t.patience.patience, out["divide_by"] = t.patience.factor, out["least_rate"] = t.patience.least;
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
              {"clip", t.clip},
              {"warmup_epochs", t.warmup_epochs},
              {"warmup_factor", t.warmup_factor},
              {"fix_bn", t.fix_bn},
              {"augmentation",
               {{"crop", name_of(t.augmentation.crop)},
                {"pad", t.augmentation.pad},
                {"flip", t.augmentation.flip},
                {"brightness", t.augmentation.brightness}}}};
  // Protocols' ids are hashes of this: what is not asked for must not appear.
  if (t.clamp > 0) out["clamp"] = t.clamp;
  if (t.drop_last) out["drop_last"] = true;
  if (t.later_divisor > 1) out["later_divisor"] = t.later_divisor;
  if (t.rate_by_task) out["rate_by_task"] = true;
  if (t.keep_momentum) out["keep_momentum"] = true;
  return out;
}

json grid_of(const GridSearchOptions& g) {
  return {{"tasks", g.tasks},
          {"first_rates", g.first_rates},
          {"rates", g.rates},
          {"rates_tried", g.rates_tried},
          {"accepted_drop", g.accepted_drop},
          {"decay", g.decay},
          {"most_tries", g.most_tries}};
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
    out["gas"] = {{"step", o.gas.step}, {"decay", o.gas.decay}, {"turns", o.gas.turns}};
  out["reselect_old"] = o.reselect_old;
  return out;
}

/// What the user chose of the network; `network_of` is the whole, with what the method asked for.
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
  out["classifier"] = name_of(o.classifier.value_or(ClassifierKind::linear));
  return out;
}

json method_of(const ExperimentOptions& o) {
  const MethodOptions& m = o.method_options;
  json out = {{"name", o.method},
              {"temperature", m.temperature},
              {"eps", m.eps},
              {"as_released", m.as_released},
              {"sr_joint", m.sr_joint},
              {"bsr_binary", m.bsr_binary},
              {"attention", m.attention},
              {"alpha", m.alpha},
              {"alpha_rate", m.alpha_rate},
              {"alpha_period", m.alpha_period},
              {"all_outputs", m.all_outputs},
              {"freeze_after", m.freeze_after},
              {"gamma1", m.gamma1},
              {"gamma_binary", m.gamma_binary},
              {"margin_weight", m.margin_weight},
              {"margin", m.margin},
              {"margin_classes", m.margin_classes},
              {"no_less_forget", m.no_less_forget},
              {"fixed_lambda", m.fixed_lambda},
              {"imprint", m.imprint},
              {"flat_weight", m.flat_weight},
              {"delta", m.delta},
              {"vertices", m.vertices},
              {"balanced_epochs", m.balanced_epochs},
              {"importance_alpha", m.importance_alpha},
              {"damping", m.damping},
              {"importance_images", m.importance_images},
              {"fisher_labels", name_of(m.fisher_labels)},
              {"finetuning_factor", m.finetuning_factor},
              {"finetuning_epochs", m.finetuning_epochs},
              {"gradient_noise", m.gradient_noise},
              {"held_out", m.held_out},
              {"bias_epochs", m.bias_epochs},
              {"auxiliary_batch", m.auxiliary_batch},
              {"replay_batch", m.replay_batch},
              {"exemplar_step", m.exemplar_step},
              {"exemplar_epochs", m.exemplar_epochs}};
  if (m.lambda) out["lambda"] = *m.lambda;
  if (m.exemplar_rate) out["exemplar_rate"] = *m.exemplar_rate;
  if (m.balanced_rate) out["balanced_rate"] = *m.balanced_rate;
  const SlotChoices& s = o.slots;
  if (!s.prediction.empty()) out["prediction"] = s.prediction;
  if (!s.distillation.empty()) out["distillation"] = s.distillation;
  if (!s.second_stage.empty()) out["second_stage"] = s.second_stage;
  if (!s.sampler.empty()) out["sampler"] = s.sampler, out["replay_share"] = s.replay_share;
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
  return out;
}

std::string protocol_id(const ExperimentOptions& o, const Scenario& s) {
  return sha256(protocol_of(o, s).dump()).substr(0, id_length);
}

json first_task_settings(const ExperimentOptions& o, const json& data, const Scenario& s, const std::string& loss) {
  json training = training_of(o.train);
  training["epochs"] = training["base_epochs"];
  for (const char* later :
       {"base_epochs", "warmup_epochs", "warmup_factor", "fix_bn", "later_divisor", "rate_by_task", "keep_momentum"})
    training.erase(later);
  json out = {{"loss", loss},
              {"seed", o.seed},
              {"data", data},
              {"classes", std::vector<int>(s.order.begin(), s.order.begin() + s.classes_per_task[0])},
              {"validation_fraction", o.scenario.validation_fraction},
              {"training", training},
              {"network", network_of(o)}};
  if (o.grid.tasks > 0) out["grid_search"] = grid_of(o.grid);
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
  return out;
}

}  // namespace mneme
