#include "incremental/experiment/storage/checkpoint_train_state.h"

namespace mneme {

void save_train_state(Checkpoint& to, const TrainState& s) {
  to.values["train"] = {{"stage", s.stage},       {"epoch", s.epoch}, {"step", s.step},
                        {"loss_sum", s.loss_sum}, {"rate", s.rate},   {"seconds", s.seconds},
                        {"waited", s.waited},     {"done", s.done},   {"term_sums", s.term_sums},
                        {"norm_sum", s.norm_sum}};
  if (s.best) to.add_group("best", s.best->state());
  if (s.stage_start) to.add_group("before", s.stage_start->state());
  if (const auto count = std::ssize(s.chosen.images)) {
    to.add_integers("chosen.images", s.chosen.images, {count});
    to.add_integers("chosen.labels", s.chosen.labels, {count});
  }
  if (s.velocity) to.tensors.emplace_back("velocity", s.velocity);
  if (!s.schedule.empty()) to.add_reals("schedule", s.schedule);
}

TrainState train_state_of(const Checkpoint& from) {
  const nlohmann::json& values = from.values.at("train");
  TrainState s;
  values.at("stage").get_to(s.stage);
  values.at("epoch").get_to(s.epoch);
  values.at("step").get_to(s.step);
  values.at("loss_sum").get_to(s.loss_sum);
  values.at("term_sums").get_to(s.term_sums);
  values.at("norm_sum").get_to(s.norm_sum);
  values.at("rate").get_to(s.rate);
  values.at("seconds").get_to(s.seconds);
  values.at("waited").get_to(s.waited);
  values.at("done").get_to(s.done);
  if (const Tensor schedule = from.find("schedule")) s.schedule = schedule.values();
  s.velocity = from.find("velocity");
  if (NamedTensors best = from.group("best"); !best.empty()) s.best.emplace(std::move(best));
  if (NamedTensors start = from.group("before"); !start.empty()) s.stage_start.emplace(std::move(start));
  if (from.find("chosen.images")) s.chosen = {from.find("chosen.images").ints(), from.find("chosen.labels").ints()};
  return s;
}

}  // namespace mneme
