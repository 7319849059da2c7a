// What a checkpoint of an experiment holds, and going on from one: Note [Checkpoints].

#include <fstream>

#include "engine/base/version.h"
#include "incremental/experiment/experiment.h"
#include "incremental/report/results/settings_difference.h"

namespace mneme {
namespace {

using nlohmann::json;

constexpr int format = 4;

TensorOptions host(DType type) { return {Device::reference, type, Layout::plain}; }

Tensor integers(const std::vector<int>& values, const Shape& shape) {
  return Tensor::from(values, shape, Device::reference);
}

Tensor reals(const std::vector<double>& values) {
  return Tensor::from(values, {static_cast<int64_t>(values.size())}, host(DType::f64));
}

/// Settings with the release in place of the whole version: what git says of the sources decides no result by itself.
json with_release(json settings) {
  if (!settings.is_object() || !settings.value("version", json()).is_string()) return settings;
  const std::string version = settings["version"];
  settings["version"] = version.substr(0, version.find('+'));
  return settings;
}

void check_same(const std::string& what, const json& theirs, const json& ours) {
  const std::string different =
      few_of(differences(with_release(theirs), with_release(ours)), "{} is {} there and {} here");
  MNEME_CHECK(different.empty(), "{} is of another run: {}; give the same flags, or start anew with --overwrite", what,
              different);
}

json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return file ? json::parse(file, nullptr, false) : json();
}

json values_of(const TrainState& s) {
  return {{"stage", s.stage}, {"epoch", s.epoch},     {"step", s.step},     {"loss_sum", s.loss_sum},
          {"rate", s.rate},   {"seconds", s.seconds}, {"waited", s.waited}, {"done", s.done}};
}

TrainState train_state(const Checkpoint& from) {
  const json& values = from.values.at("train");
  TrainState s;
  values.at("stage").get_to(s.stage);
  values.at("epoch").get_to(s.epoch);
  values.at("step").get_to(s.step);
  values.at("loss_sum").get_to(s.loss_sum);
  values.at("rate").get_to(s.rate);
  values.at("seconds").get_to(s.seconds);
  values.at("waited").get_to(s.waited);
  values.at("done").get_to(s.done);
  if (const Tensor schedule = from.find("schedule")) s.schedule = schedule.values();
  s.velocity = from.find("velocity");
  if (NamedTensors best = from.group("best"); !best.empty()) s.best.emplace(std::move(best));
  if (NamedTensors before = from.group("before"); !before.empty()) s.stage_start.emplace(std::move(before));
  if (from.find("chosen.images")) s.chosen = {from.find("chosen.images").ints(), from.find("chosen.labels").ints()};
  return s;
}

json values_of(const EpochRecord& r) {
  json values = as_json(r);
  values["seconds"] = r.seconds;
  values["waited"] = r.waited;
  values["images"] = r.images;
  values["ended"] = r.ended;
  return values;
}

EpochRecord epoch_of(const json& values) {
  EpochRecord r = epoch_record(values);
  values.at("seconds").get_to(r.seconds);
  values.at("waited").get_to(r.waited);
  values.at("images").get_to(r.images);
  values.at("ended").get_to(r.ended);
  return r;
}

json values_of(const std::vector<std::vector<ClassOutput>>& last_layer) {
  json rows = json::array();
  for (const std::vector<ClassOutput>& row : last_layer) {
    json& classes = rows.emplace_back(json::array());
    for (const ClassOutput& c : row) classes.push_back({c.weight_length, c.bias, c.mean_logit});
  }
  return rows;
}

std::vector<std::vector<ClassOutput>> last_layer_of(const json& rows) {
  std::vector<std::vector<ClassOutput>> last_layer;
  for (const json& classes : rows) {
    std::vector<ClassOutput>& row = last_layer.emplace_back();
    for (const json& c : classes) row.push_back({c.at(0).get<double>(), c.at(1).get<double>(), c.at(2).get<double>()});
  }
  return last_layer;
}

json value_of(const std::optional<double>& number) { return number ? json(*number) : json(); }

std::optional<double> optional_number(const json& value) {
  if (value.is_null()) return {};
  return value.get<double>();
}

json value_of(const SearchResult& found) {
  json trials = json::array();
  for (const TrialRecord& t : found.trials) trials.push_back({t.rate, value_of(t.weight), t.accuracy});
  return {{"task", found.task}, {"rate", found.rate}, {"weight", value_of(found.weight)}, {"trials", trials}};
}

SearchResult found_in(const json& value) {
  SearchResult found{
      value.at("task").get<int>(), value.at("rate").get<double>(), optional_number(value.at("weight")), {}};
  for (const json& t : value.at("trials"))
    found.trials.push_back({t.at(0).get<double>(), optional_number(t.at(1)), t.at(2).get<double>()});
  return found;
}

void add_ledger(Checkpoint& to, const std::vector<ExemplarRow>& ledger) {
  std::vector<int> rows;
  std::vector<double> distances;
  for (const ExemplarRow& r : ledger) {
    rows.insert(rows.end(), {r.task, r.class_label, r.rank, static_cast<int>(r.index)});
    distances.push_back(r.distance);
  }
  if (ledger.empty()) return;
  to.tensors.emplace_back("ledger", integers(rows, {static_cast<int64_t>(ledger.size()), 4}));
  to.tensors.emplace_back("ledger.distance", reals(distances));
}

std::vector<ExemplarRow> ledger_of(const Checkpoint& from) {
  std::vector<ExemplarRow> ledger;
  if (!from.find("ledger")) return ledger;
  const std::vector<int> rows = from.find("ledger").ints();
  const std::vector<double> distances = from.find("ledger.distance").values();
  MNEME_CHECK(rows.size() == 4 * distances.size(), "its ledger has {} numbers for {} exemplars", rows.size(),
              distances.size());
  for (size_t i = 0; i < distances.size(); ++i)
    ledger.push_back({rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3], distances[i]});
  return ledger;
}

void add_confusion(Checkpoint& to, const ConfusionMatrix& confusion) {
  if (confusion.classes() == 0) return;
  std::vector<int> rows = {confusion.classes(), 0, 0};  // then truth, prediction, images
  for (const auto& [at, count] : confusion.counts())
    rows.insert(rows.end(), {at.first, at.second, static_cast<int>(count)});
  to.tensors.emplace_back("confusion", integers(rows, {static_cast<int64_t>(rows.size()) / 3, 3}));
}

ConfusionMatrix confusion_of(const Checkpoint& from) {
  const Tensor counts = from.find("confusion");
  if (!counts) return ConfusionMatrix();
  MNEME_CHECK(counts.rank() == 2 && counts.dim(0) > 0 && counts.dim(1) == 3, "its confusion matrix is {}",
              counts.shape().text());
  const std::vector<int> rows = counts.ints();
  ConfusionMatrix confusion(rows[0]);
  for (size_t i = 3; i < rows.size(); i += 3) confusion.add(rows[i], rows[i + 1], rows[i + 2]);
  return confusion;
}

}  // namespace

Checkpoint Experiment::checkpoint(const TrainState& state) {
  Checkpoint c;
  json epochs = json::array();
  for (const EpochRecord& record : result_.epochs) epochs.push_back(values_of(record));
  json searches = json::array();
  for (const SearchResult& found : search_results_) searches.push_back(value_of(found));
  c.values = {{"format", format},
              {"settings", result_.settings},
              {"task", task_},
              {"train", values_of(state)},
              {"epochs", epochs},
              {"task_aware", result_.task_aware.rows()},
              {"task_agnostic", result_.task_agnostic.rows()},
              {"top5", result_.top5.rows()},
              {"last_layer", values_of(result_.last_layer)},
              {"searches", searches}};
  Learner learner(*net_, method_);
  c.tensors = named_state(learner);
  if (teacher_) c.add_group("teacher", named_state(*teacher_));
  if (state.best) c.add_group("best", state.best->state());
  if (state.stage_start) c.add_group("before", state.stage_start->state());
  if (const auto count = static_cast<int64_t>(state.chosen.size())) {
    c.tensors.emplace_back("chosen.images", integers(state.chosen.images, {count}));
    c.tensors.emplace_back("chosen.labels", integers(state.chosen.labels, {count}));
  }
  if (state.velocity) c.tensors.emplace_back("velocity", state.velocity);
  if (!momentum_.empty()) c.add_group("momentum", momentum_);
  if (!state.schedule.empty()) c.tensors.emplace_back("schedule", reals(state.schedule));
  if (learned_images_ && !learned_images_->images().empty()) {
    c.tensors.emplace_back("learned.images",
                           integers(learned_images_->images(), {std::ssize(learned_images_->images())}));
    c.tensors.emplace_back("learned.pixels", learned_images_->pixels());
  }
  add_ledger(c, replay_buffer_.ledger());
  add_confusion(c, result_.confusion);
  return c;
}

/// Grows both networks and what the method carries to the size they had, then gives them their numbers.
void Experiment::restore_networks(const Checkpoint& from, bool task_begun) {
  while (net_->tasks() < task_) add_classes();
  if (const NamedTensors teacher = from.group("teacher"); !teacher.empty()) {
    teacher_ = net_->frozen_copy();
    load_state(*teacher_, teacher);
  }
  if (task_begun) add_classes();
  load_state(*net_, from.group("net"));
  load_state(method_, from.group("method"));
}

void Experiment::restore_memory(const Checkpoint& from) {
  std::vector<ExemplarRow> ledger = ledger_of(from);
  for (const ExemplarRow& row : ledger)
    MNEME_CHECK(row.index >= 0 && row.index < data_.train.size(), "exemplar {} is not among the {} images", row.index,
                data_.train.size());
  replay_buffer_.restore(std::move(ledger), task_ - 1, net_->offset(task_));
  if (const Tensor pixels = from.find("learned.pixels"))
    learned_images_->restore(from.find("learned.images").ints(), pixels);
}

void Experiment::restore(const Checkpoint& from) {
  from.values.at("task").get_to(task_);
  MNEME_CHECK(task_ >= 0 && task_ < scenario_.tasks_to_run, "it is of task {}, and there are {}", task_ + 1,
              scenario_.tasks_to_run);
  train_ = train_state(from);
  for (const json& record : from.values.at("epochs")) result_.epochs.push_back(epoch_of(record));
  result_.task_aware = AccuracyMatrix(from.values.at("task_aware").get<Triangle>());
  result_.task_agnostic = AccuracyMatrix(from.values.at("task_agnostic").get<Triangle>());
  result_.top5 = AccuracyMatrix(from.values.at("top5").get<Triangle>());
  result_.last_layer = last_layer_of(from.values.at("last_layer"));
  result_.confusion = confusion_of(from);
  for (const json& search : from.values.at("searches")) adopt(search_results_.emplace_back(found_in(search)));
  momentum_ = from.group("momentum");
  restore_networks(from, !train_.stage.empty());
  restore_memory(from);
}

bool Experiment::resume(RunFolder& folder, const std::function<void(const std::string&)>& say) {
  const std::optional<Checkpoint> from = folder.checkpoints().newest(say);
  if (!from) return false;
  const json settings = from->values.value("settings", json());
  check_same("the checkpoint in " + folder.path().string(), settings, result_.settings);
  if (settings["version"] != result_.settings["version"])
    say(fmt::format("the run in {} was trained by version {} so far; version {} goes on with it",
                    folder.path().string(), settings["version"].get<std::string>(), version()));
  try {
    MNEME_CHECK(from->values.value("format", 0) == format, "its format is not {}", format);
    restore(*from);
  } catch (const std::exception& error) {
    fail("the checkpoint in {} does not fit this program: {}; go on with the build that wrote it",
         folder.path().string(), error.what());
  }
  return true;
}

/// A run ends by removing its checkpoints. While there is one, files that are written after the summary may be those of
/// an earlier task.
bool Experiment::is_complete(const RunFolder& folder) const {
  const json theirs = read_json(folder.path() / "run.json"), summary = read_json(folder.path() / "summary.json");
  if (theirs.is_null()) return false;
  check_same("the run in " + folder.path().string(), theirs, result_.settings);
  return !folder.checkpoints().any() && summary.is_object() && summary.value("tasks_done", 0) == scenario_.tasks_to_run;
}

}  // namespace mneme
