#include "apps/common/flags.h"

#include <CLI/CLI.hpp>

#include <set>

#include "apps/command_line/config_file.h"
#include "apps/command_line/switch.h"
#include "apps/terminal/process.h"

#include "engine/base/parallel.h"
#include "engine/base/suggest.h"

namespace mneme {
namespace {

void add_data_flags(CLI::App& app, Flags& f) {
  const char* group = "Data and tasks";
  ScenarioOptions& s = f.experiment.scenario;
  app.add_option("--data", f.data, "Folder with the data set; without it, generated images are used")->group(group);
  app.add_option("--aux-data", f.auxiliary,
                 "dmc: folder of a second image set whose labels are not used, or 'generated'")
      ->group(group)
      ->capture_default_str();
  app.add_option("--tasks", s.tasks, "Number of tasks the classes are dealt to")->group(group)->capture_default_str();
  app.add_option("--base-classes", f.base_classes, "Classes of the first task (0: as many as the others)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--order", s.order,
                 "Class order: identity, icarl, podnet, ssil, shuffled, shuffled:N, facil-300, a list 4,8,15 or a file")
      ->group(group)
      ->capture_default_str();
  app.add_option("--validation", s.validation_fraction,
                 "Share of each class's training images set aside for validation")
      ->group(group)
      ->capture_default_str();
  app.add_option("--first-task-from", f.experiment.first_task_from,
                 "Take the first task's weights from this run's folder instead of training it")
      ->group(group);
  app.add_option("--reference", f.experiment.reference,
                 "A finished run of the same tasks, --method joint for instance: how much worse each task was learned "
                 "than there (intransigence)")
      ->group(group);
  add_switch(app, "--forward-transfer", f.experiment.forward_transfer,
             "Measure how well the features tell each task's classes apart before it is learned; takes a pass over its "
             "images")
      ->group(group);
  app.add_option("--stop-after", s.stop_after, "Train only so many tasks (0: all)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--augmentation", f.augmentation, "Training images: none, crop (pad 4, crop, flip) or resized-crop")
      ->group(group)
      ->capture_default_str();
  add_switch(app, "--flip,!--no-flip", f.flip, "Whether cropped training images are mirrored, too")->group(group);
  app.add_option("--brightness", f.experiment.train.augmentation.brightness, "Brightness jitter: factor in 1 +- this")
      ->group(group)
      ->capture_default_str();
  app.add_option("--generated-classes", f.generated_classes, "Without --data: number of generated classes")
      ->group(group)
      ->capture_default_str();
  app.add_option("--generated-per-class", f.generated_per_class, "Without --data: training images per class")
      ->group(group)
      ->capture_default_str();
  app.add_option("--generated-seed", f.generated_seed, "Without --data: which images; --seed does not change them")
      ->group(group)
      ->capture_default_str();
}

void add_training_flags(CLI::App& app, Flags& f) {
  const char* group = "Training";
  TrainOptions& t = f.experiment.train;
  app.add_option("--epochs", t.epochs, "Epochs per task")->group(group)->capture_default_str();
  app.add_option("--base-epochs", t.base_epochs, "Epochs of the first task (0: as the others)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--batch-size", t.batch_size, "Images per step")->group(group)->capture_default_str();
  add_switch(app, "--drop-last", t.drop_last, "Leave a last batch that is not whole out of every epoch")->group(group);
  app.add_option("--later-divisor", t.later_divisor,
                 "From the second task on, divide epochs and milestones by this, rounded down")
      ->group(group)
      ->capture_default_str();
  app.add_option("--lr", t.learning_rate, "Learning rate at the start of each task")
      ->group(group)
      ->capture_default_str();
  add_switch(app, "--lr-by-task", t.lr_by_task, "Divide the learning rate by the task's number, counted from 1")
      ->group(group);
  app.add_option("--schedule", f.schedule, "steps, cosine, constant, or patience (FACIL: judged by validation loss)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--milestones", t.milestones, "steps: where the rate drops, as shares of the epochs")
      ->group(group)
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--lr-gamma", t.lr_gamma, "steps: what the rate is multiplied by")
      ->group(group)
      ->capture_default_str();
  app.add_option("--lr-lag", t.schedule_lag, "cosine: epochs by which the curve comes late")
      ->group(group)
      ->capture_default_str();
  app.add_option("--lr-patience", t.patience.patience, "patience: epochs without improvement before the rate drops")
      ->group(group)
      ->capture_default_str();
  app.add_option("--lr-factor", t.patience.factor, "patience: what the rate is divided by")
      ->group(group)
      ->capture_default_str();
  app.add_option("--lr-min", t.patience.least, "patience: the rate below which a task ends")
      ->group(group)
      ->capture_default_str();
  app.add_option("--momentum", t.sgd.momentum, "SGD momentum")->group(group)->capture_default_str();
  add_switch(app, "--keep-momentum", t.keep_momentum, "Take the momentum over from the last task, as SS-IL's code does")
      ->group(group);
  app.add_option("--weight-decay", t.sgd.weight_decay, "SGD weight decay, on every parameter")
      ->group(group)
      ->capture_default_str();
  add_switch(app, "--nesterov", t.sgd.nesterov, "Nesterov momentum")->group(group);
  app.add_option("--clip-norm", t.clip_norm, "Largest gradient norm (0: no clipping)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--clip-value", t.clip_value,
                 "Largest size of each of the gradient's numbers, before --clip-norm (0: no clamping)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--warmup-epochs", t.warmup_epochs,
                 "From the second task on, epochs in which the new head alone learns")
      ->group(group)
      ->capture_default_str();
  app.add_option("--warmup-factor", t.warmup_factor, "Factor on the learning rate while warming up")
      ->group(group)
      ->capture_default_str();
  add_switch(app, "--fix-bn", t.fix_bn, "Keep batch norm's statistics after the first task")->group(group);
  app.add_option("--network", f.experiment.network.name,
                 "resnet20, 32, 44, 56 or 110 for small images; resnet18, 34 or 50, as in torchvision, for large ones")
      ->group(group)
      ->capture_default_str();
  app.add_option("--shortcut", f.shortcut, "projection or zero-pad")->group(group)->capture_default_str();
  app.add_option("--pretrained", f.pretrained,
                 "Begin with the weights in this safetensors file: torchvision's names, or a model of a run")
      ->group(group);
  add_switch(app, "--pretrained-head", f.pretrained_head,
             "Keep the file's head, too: its row k becomes output k of the first task, which must have as many classes")
      ->group(group);
  app.add_option("--seed", f.experiment.seed, "Seed of everything random")
      ->check(CLI::NonNegativeNumber)
      ->group(group)
      ->capture_default_str();
}

void add_seed_flags(CLI::App& app, Flags& f) {
  const char* group = "Several seeds";
  app.add_option("--seeds", f.seeds,
                 "Run once for each of these seeds, into --out/seedN; ends with means and deviations")
      ->delimiter(',')
      ->group(group);
  app.add_option("--jobs", f.jobs, "With --seeds: so many runs at the same time, each with its share of the threads")
      ->check(CLI::Range(1, 1024))
      ->group(group)
      ->capture_default_str();
  // The hidden flag of a run that another process has started side by side with others.
  app.add_option("--only-seed", f.only_seed)->group("");
  app.add_option("--against", f.against, "With --seeds: a folder that another --seeds filled, for a paired test")
      ->group(group);
  add_switch(app, "--mixed", f.mixed, "With --against: compare even runs of different protocols or data")->group(group);
}

void add_grid_flags(CLI::App& app, GridSearchOptions& g) {
  const char* group = "Grid search";
  app.add_option("--grid-search-tasks", g.tasks,
                 "Choose learning rate and --lambda by validation accuracy in so many first tasks (0: none)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--grid-first-lrs", g.first_lrs, "Learning rates tried in the first task")
      ->group(group)
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--grid-lrs", g.lrs, "Learning rates tried later, where they are below the first task's")
      ->group(group)
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--grid-lrs-tried", g.lrs_tried, "How many of these, from the largest")
      ->group(group)
      ->capture_default_str();
  app.add_option("--grid-drop", g.drop, "How far below plain training, as a share, a guarded one may lie")
      ->group(group)
      ->capture_default_str();
  app.add_option("--grid-decay", g.decay, "Factor on --lambda while it lies lower")
      ->group(group)
      ->capture_default_str();
  app.add_option("--grid-tries", g.tries, "How many values of --lambda are tried")->group(group)->capture_default_str();
}

void add_memory_flags(CLI::App& app, Flags& f) {
  const char* group = "Exemplar memory";
  app.add_option("--memory-per-class", f.memory_per_class, "Images kept of every class (0: none)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--memory-total", f.memory_total, "Images kept in all, shared by the classes seen (0: none)")
      ->group(group)
      ->capture_default_str();
  app.add_option(
         "--selection", f.selection,
         "random, herding, herding-repicked, entropy, distance, first (as they lie in the data set) or neural-gas")
      ->group(group)
      ->capture_default_str();
  NeuralGasOptions& gas = f.experiment.gas;
  app.add_option("--gas-step", gas.step, "neural-gas: how far an image draws its nearest vertex, as a share of the way")
      ->group(group)
      ->capture_default_str();
  app.add_option("--gas-decay", gas.decay, "neural-gas: over how many ranks of nearness that falls to 1/e")
      ->group(group)
      ->capture_default_str();
  app.add_option("--gas-epochs", gas.epochs, "neural-gas: how often every image is shown")
      ->group(group)
      ->capture_default_str();
  add_switch(app, "--memory-round-up", f.experiment.memory.round_up,
             "With --memory-total: round each class's share up, as FACIL does")
      ->group(group);
  add_switch(app, "--memory-fill", f.experiment.memory.fill,
             "With --memory-total: the same, and then one image less of as many classes as exceed it")
      ->group(group);
  app.add_option("--memory-shared-by", f.experiment.memory.shared_by,
                 "With --memory-total: so many classes share it from the start (0: those known)")
      ->group(group)
      ->capture_default_str();
  app.add_option("--exemplars-from", f.experiment.exemplars_from,
                 "Take over the exemplars that another run kept instead of choosing")
      ->group(group);
  add_switch(app, "--reselect-old", f.experiment.reselect_old,
             "Choose old classes' exemplars anew after every task, as FACIL does")
      ->group(group);
}

void add_machine_flags(CLI::App& app, Flags& f) {
  const char* group = "Machine and output";
  add_flags(app, f.machine, group);
  add_switch(app, "--verify-determinism", f.verify_determinism,
             "First train a few steps twice, on the CPU with other threads, and stop unless they are equal to the bit")
      ->group(group);
  app.add_flag("--dry-run,--plan", f.dry_run, "Show images, parameters, memory, disk, time and known traps, and stop")
      ->group(group);
  app.add_option("--out", f.out, "Folder for the results (default: runs/METHOD-seedN)")->group(group);
  add_switch(app, "--overwrite", f.overwrite, "Replace a run that is already in --out")->group(group);
  add_switch(app, "--resume", f.resume, "Go on with the run in --out where it was stopped, or begin it")->group(group);
  add_switch(app, "--no-models", f.no_models, "Do not save the weights after each task")->group(group);
  add_switch(app, "--quiet", f.quiet, "Print nothing but the path of the report")->group(group);
  app.config_formatter(std::make_shared<ConfigFile>(app));
  app.set_config(
         "--config", "",
         "Read flags from a file: lines of flag = value (INI, TOML), or the run.json of a run to repeat it; flags "
         "beside it win")
      ->group(group);
  app.add_flag("--print-config", f.print_config, "Print a --config file with all settings of this command, and stop")
      ->configurable(false)
      ->group(group);
}

/// Keeps flags out of --config files that print a list, or that name one process of several.
void keep_out_of_files(CLI::App& app) {
  for (const char* flag : {"--list-methods", "--list-presets", "--only-seed"})
    app.get_option(flag)->configurable(false);
}

MemoryBudget memory_of(const Flags& f) {
  if (f.memory_per_class < 0 || f.memory_total < 0) fail_usage("a memory cannot hold fewer than 0 images");
  if (f.memory_per_class && f.memory_total)
    fail_usage("--memory-per-class and --memory-total exclude each other: give one");
  MemoryBudget budget = f.experiment.memory;
  budget.kind = f.memory_per_class ? MemoryBudget::Kind::per_class
                : f.memory_total   ? MemoryBudget::Kind::total
                                   : MemoryBudget::Kind::none;
  budget.images = f.memory_per_class + f.memory_total;
  if (!f.memory_total && (budget.fill || budget.shared_by))
    fail_usage("--memory-fill and --memory-shared-by say how a --memory-total is shared: give one");
  if (budget.fill && budget.round_up) fail_usage("--memory-fill and --memory-round-up exclude each other: give one");
  return budget;
}

}  // namespace

void add_flags(CLI::App& app, Flags& flags) {
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_method_flags(app, flags);
  add_data_flags(app, flags);
  add_training_flags(app, flags);
  add_grid_flags(app, flags.experiment.grid);
  add_memory_flags(app, flags);
  add_seed_flags(app, flags);
  add_machine_flags(app, flags);
  keep_out_of_files(app);
}

void resolve(Flags& f) {
  ExperimentOptions& e = f.experiment;
  if (f.resume && f.overwrite) fail_usage("--resume keeps what --overwrite removes: give one");
  e.device = choose_machine(f.machine);
  if (f.only_seed) use_threads(std::max(1, threads() / f.jobs), "--threads");
  const double brightness = e.train.augmentation.brightness;
  e.train.augmentation = augmentation_named(f.augmentation);
  e.train.augmentation.brightness = brightness;
  e.train.augmentation.flip = e.train.augmentation.flip && f.flip;
  e.train.schedule = schedule_named(f.schedule);
  e.selection = selection_named(f.selection);
  e.network.shortcut = shortcut_named(f.shortcut);
  e.memory = memory_of(f);
  if (f.multi_softmax) e.predict_by = "multi-softmax";
  if (!e.predict_by.empty()) rule_named(e.predict_by);
  if (!f.classifier.empty()) e.classifier = classifier_named(f.classifier);
  for (std::string& remark : remarks_on_unused(f.given_options, e.method, e.slots))
    e.remarks.push_back(std::move(remark));
  e.save_models = !f.no_models;
  if (f.pretrained_head && f.pretrained.empty())
    fail_usage("--pretrained-head keeps the head of --pretrained FILE: give that as well");
  if (f.base_classes) e.scenario.base_classes = f.base_classes;
  const std::set<uint64_t> different(f.seeds.begin(), f.seeds.end());
  if (different.size() < f.seeds.size()) fail_usage("--seeds names a seed twice");
  if (f.seeds.empty() && !f.against.empty()) fail_usage("--against compares seeds: give --seeds as well");
  if (f.seeds.empty() && f.jobs > 1) fail_usage("--jobs runs several seeds at the same time: give --seeds as well");
  const std::string name = e.preset.empty() ? e.method : e.preset;
  if (f.out.empty()) f.out = f.seeds.empty() ? fmt::format("runs/{}-seed{}", name, e.seed) : "runs/" + name;
}

}  // namespace mneme
