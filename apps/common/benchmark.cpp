#include "apps/common/benchmark.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <set>

#include "apps/command_line/command_line.h"
#include "apps/command_line/effective_flags.h"
#include "apps/common/data_of_run.h"
#include "apps/common/help.h"
#include "apps/common/prepare.h"
#include "apps/common/run.h"
#include "apps/common/tables.h"
#include "apps/terminal/interrupt.h"
#include "apps/terminal/process.h"
#include "apps/trained/evaluate.h"
#include "apps/trained/predict.h"
#include "data/datasets/generated.h"
#include "data/datasets/imagenet32.h"
#include "data/images/list_file.h"
#include "data/splits/class_order.h"
#include "data/splits/task_split.h"
#include "engine/base/error.h"
#include "incremental/experiment/settings.h"
#include "incremental/models/pretrained.h"
#include "incremental/report/results/settings_difference.h"

namespace mneme {
namespace {

OwnedDataset generated(const Flags& flags, uint64_t seed) {
  return generate_images(
      {.classes = flags.generated_classes, .train_per_class = flags.generated_per_class, .seed = seed});
}

/// Loads the benchmark's data set from a folder or a file.
OwnedDataset load_from(const std::filesystem::path& data, const Benchmark& benchmark, const Flags& flags) {
  if (!benchmark.large) return benchmark.load(data, flags.images);
  ImageFlags images = flags.images;
  images.unchecked |= flags.dry_run;  // a dry run answers at once and so does not decode the images
  return large_data(benchmark.data_set, data, *benchmark.large, images);
}

OwnedDataset load(const Benchmark& benchmark, const Flags& flags) {
  return flags.data.empty() ? generated(flags, flags.generated_seed) : load_from(flags.data, benchmark, flags);
}

/// The image set that --aux-data names: the set of DMC's experiments, FACIL's 300 classes of ImageNet-32, or other
/// images of the benchmark's kind.
OwnedDataset auxiliary_of(const Benchmark& benchmark, const Flags& flags) {
  if (flags.auxiliary == "generated") return generated(flags, flags.generated_seed + 1);
  if (holds_imagenet32_pickles(flags.auxiliary)) return load_imagenet32(flags.auxiliary, {.only = facil_300_order()});
  return load_from(flags.auxiliary, benchmark, flags);
}

/// The second image set (--aux-data); null if the command line names none.
std::shared_ptr<const OwnedDataset> load_auxiliary(const Benchmark& benchmark, const Flags& flags) {
  if (flags.auxiliary.empty()) return nullptr;
  return std::make_shared<OwnedDataset>(auxiliary_of(benchmark, flags));
}

/// The folders of the verb `list`: where the images are, and where the lists are written.
struct ListFlags {
  std::filesystem::path data, out;
};

/// A command line after parsing.
struct ParsedCommandLine {
  Flags flags;
  std::optional<std::filesystem::path> download_to;
  std::optional<PrepareFlags> prepare;
  std::optional<ListFlags> list;
  std::optional<TablesFlags> tables;
  std::string config;  // what --print-config prints; empty if it was not asked for
  std::optional<EvaluateFlags> evaluate;
  std::optional<PredictFlags> predict;
  std::set<std::string> given = {};         ///< flags that the command line or a --config file gives
  std::set<std::string> which_images = {};  ///< flags by which the verb `evaluate` chooses images
};

/// Adds the flags that choose a part of what the program's publishers offer.
void add_which_part(CLI::App& app, ImageFlags& f, const Benchmark& benchmark, const char* group) {
  if (benchmark.extra) app.add_flag("--extra", f.extra, benchmark.extra)->group(group);
  if (benchmark.set) app.add_option("--set", f.set, benchmark.set)->group(group)->capture_default_str();
}

CLI::App* add_download(CLI::App& app, const Benchmark& benchmark, ParsedCommandLine& parsed) {
  CLI::App* verb =
      app.add_subcommand("download", fmt::format("Fetch {}, check it and unpack it into --data", benchmark.data_set));
  verb->add_option("--data", parsed.download_to, "Folder to unpack into")->required();
  add_which_part(*verb, parsed.flags.images, benchmark, "Options");
  return verb;
}

/// Adds the flags that choose images from a folder.
void add_subset(CLI::App& app, ImageFlags& f, const LargeImageSet& large, const char* group) {
  if (large.subset) app.add_option("--subset", f.subset, large.subset)->group(group)->capture_default_str();
  if (!large.splits) return;
  app.add_option("--test-share", f.test_share, "Of a folder that is not split: share of each class to test on")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group)
      ->capture_default_str();
  app.add_option("--split-seed", f.split_seed, "Of a folder that is not split: which images these are")
      ->group(group)
      ->capture_default_str();
}

CLI::App* add_list(CLI::App& app, ListFlags& flags, ImageFlags& images) {
  CLI::App* verb = app.add_subcommand(
      "list", "Write which images --subset chooses, as train.txt and test.txt, for another run or program to use");
  verb->add_option("--data", flags.data, "Folder of the images")->required();
  verb->add_option("--out", flags.out, "Folder of the two lists; --data of another run")->required();
  verb->add_option("--skip-bad", images.skip_bad, "Leave out so many bad files")->check(CLI::NonNegativeNumber);
  return verb;
}

void write_lists(const ListFlags& flags, const ImageFileSplit& images, int64_t skip_bad) {
  images.left_out.check(flags.data.string(), skip_bad);
  write_list_files(flags.out, images);
  fmt::print("{} images to train on and {} to test on, of {} classes: {}\n", images.train.labels.size(),
             images.test.labels.size(), images.train.class_names.size(), flags.out.string());
  for (const auto& phrases : {images.left_out.phrases(), images.left_out.remarks()})
    for (const std::string& phrase : phrases) fmt::print("left out: {}\n", phrase);
}

void add_image_flags(CLI::App& app, ImageFlags& f, const LargeImageSet& large) {
  const char* group = "Large images";
  add_subset(app, f, large, group);
  app.add_option("--image-size", f.image_size, "Side of what the network is given, in pixels")
      ->check(CLI::Range(32, 1024))
      ->group(group)
      ->capture_default_str();
  app.add_option("--decode-threads", f.decode_threads, "Threads that decode ahead of the training (0: one per core)")
      ->check(CLI::Range(0, 1024))
      ->group(group)
      ->capture_default_str();
  app.add_option("--skip-bad", f.skip_bad, "Leave out up to so many bad files instead of refusing the set")
      ->check(CLI::NonNegativeNumber)
      ->group(group)
      ->capture_default_str();
  app.add_flag("--unchecked", f.unchecked, "Do not decode every image once before the run: a bad one stops it")
      ->default_str(f.unchecked ? "true" : "false")
      ->group(group);
}

/// The flags of the options that the method and the slots use.
std::set<std::string> flags_in_use(const ExperimentOptions& experiment) {
  std::set<std::string> flags;
  for (const Option& option : options_in_use(experiment.method, experiment.slots)) flags.insert(option.flag);
  return flags;
}

constexpr const char* which_images = "Images";  // the heading of the next flags

/// Adds the flags that choose the images for a verb that uses a model. They have the same meaning as for a run.
void add_which_images(CLI::App& verb, Flags& f, const Benchmark& benchmark) {
  const char* group = which_images;
  verb.add_option("--data", f.data, "Folder with the data set (as the run had it, like all of these)")->group(group);
  verb.add_option("--generated-classes", f.generated_classes, "Generated images: number of classes")->group(group);
  verb.add_option("--generated-per-class", f.generated_per_class, "Generated images: images per class")->group(group);
  verb.add_option("--generated-seed", f.generated_seed, "Generated images: which")->group(group);
  add_which_part(verb, f.images, benchmark, group);
  if (!benchmark.large) return;
  add_subset(verb, f.images, *benchmark.large, group);
  verb.add_option("--skip-bad", f.images.skip_bad, "Leave out so many bad files")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  verb.add_flag("--unchecked", f.images.unchecked, "Do not decode every image once before: a bad one stops it")
      ->group(group);
}

/// Parses the command line. Flags that are not given keep the values of `start`. Returns nothing if help was asked for,
/// which is then printed.
std::optional<ParsedCommandLine> parse_command_line(const Benchmark& benchmark,
                                                    const std::vector<std::string>& arguments, const Flags& start) {
  CLI::App app(
      fmt::format("Class-incremental learning on {}: a network learns classes step by step, and forgets less or more.",
                  benchmark.data_set),
      benchmark.name);
  ParsedCommandLine parsed{start, {}, PrepareFlags{}, ListFlags{}, TablesFlags{}, {}, EvaluateFlags{}, PredictFlags{}};
  // Options from the preset, not from the command line: the method in use may have no such options.
  parsed.flags.given_options.clear();
  add_flags(app, parsed.flags);
  add_help_flags(app, parsed.flags);
  app.footer(benchmark.examples);
  add_which_part(app, parsed.flags.images, benchmark, "Data and tasks");
  if (benchmark.large) add_image_flags(app, parsed.flags.images, *benchmark.large);
  CLI::App* download = benchmark.download ? add_download(app, benchmark, parsed) : nullptr;
  CLI::App* verb = benchmark.large ? add_prepare(app, benchmark.data_set, *parsed.prepare) : nullptr;
  CLI::App* lists = benchmark.large ? add_list(app, *parsed.list, parsed.flags.images) : nullptr;
  const CLI::App* tables = add_tables(app, *parsed.tables);
  CLI::App* evaluation = add_evaluate(app, *parsed.evaluate);
  add_which_images(*evaluation, parsed.flags, benchmark);
  const CLI::App* prediction = add_predict(app, *parsed.predict);
  for (CLI::App* each : {verb, lists})
    if (each) add_subset(*each, parsed.flags.images, *benchmark.large, "Options");
  if (!parse_arguments(app, arguments)) return {};
  ExperimentOptions& experiment = parsed.flags.experiment;
  experiment.origin.flags = given_flags(app);
  if (parsed.flags.print_config)
    parsed.config = config_text(app, flags_in_use(experiment), shell_words(joined({benchmark.name}, arguments)));
  if (!verb || !verb->parsed()) parsed.prepare.reset();
  if (!lists || !lists->parsed()) parsed.list.reset();
  if (!tables->parsed()) parsed.tables.reset();
  if (!evaluation->parsed()) parsed.evaluate.reset();
  if (!prediction->parsed()) parsed.predict.reset();
  if (!download || !download->parsed()) parsed.download_to.reset();
  for (const CLI::App* each : {&app, evaluation})
    for (const CLI::Option* option : each->get_options())
      if (option->count() > 0) parsed.given.insert(option->get_name());
  for (const CLI::Option* option : evaluation->get_options())
    if (option->get_group() == which_images) parsed.which_images.insert(option->get_name());
  return parsed;
}

/// How a run differs from the table row of its preset, one phrase for each difference. The seed and the machine may
/// differ.
std::vector<std::string> departures_from(const Flags& row, const Flags& flags, const Dataset& data) {
  if (flags.data.empty()) return {"images are generated"};
  const auto settings = [&](const ExperimentOptions& o) {
    nlohmann::json all = chosen_settings(settings_of(o, {}, make_scenario(data, o.scenario, flags.experiment.seed)));
    all.erase("protocol");
    return all;
  };
  std::vector<std::string> found;
  if (!flags.experiment.exemplars_from.empty()) found.push_back("another run's exemplars are used");
  if (flags.images.extra != row.images.extra) found.push_back("--extra images are used");
  if (flags.images.subset != row.images.subset)
    found.push_back(fmt::format("the classes are {} instead of {}", flags.images.subset, row.images.subset));
  if (flags.images.image_size != row.images.image_size)
    found.push_back(
        fmt::format("images are {0}x{0} instead of {1}x{1} pixels", flags.images.image_size, row.images.image_size));
  for (const Difference& d : differences(settings(row.experiment), settings(flags.experiment)))
    found.push_back(fmt::format("{} is {} instead of {}", d.name, shortened(d.here), shortened(d.there)));
  return found;
}

/// The options of the preset's row as the paper ran it, resolved, on the machine that `flags` name.
Flags row_of(const Benchmark& benchmark, const Preset& preset, const Flags& flags) {
  Flags row = parse_command_line(benchmark, preset.flags, benchmark.defaults)->flags;
  row.experiment.preset = preset.name;
  row.machine = flags.machine;
  resolve(row);
  return row;
}

/// Runs what the command line in `flags` asks for.
int run(const Benchmark& benchmark, Flags& flags) {
  std::optional<Flags> row;
  if (const std::string name = flags.experiment.preset; !name.empty()) {
    const Preset& preset = preset_named(name, benchmark.presets());
    row = row_of(benchmark, preset, flags);
    flags.experiment.published = published_numbers(preset);
  }
  resolve(flags);        // comes after row_of(), because the last call of resolve() decides threads and kernels
  if (!flags.only_seed)  // a run side by side was started by a process that has already printed these remarks
    for (const std::string& remark : flags.experiment.remarks)
      say(stderr, fmt::format("{}: {}\n", benchmark.name, remark));
  if (flags.data.empty())
    flags.experiment.remarks.push_back(
        fmt::format("Generated images, not {}: good for trying things out, not for comparing with papers. Give --data "
                    "for the real set.",
                    benchmark.data_set));
  flags.experiment.auxiliary = load_auxiliary(benchmark, flags);
  if (!flags.pretrained.empty()) flags.experiment.pretrained = read_pretrained(flags.pretrained, flags.pretrained_head);
  const OwnedDataset data = load(benchmark, flags);
  if (const auto& pretrained = flags.experiment.pretrained) {
    flags.experiment.remarks.push_back(remark_on(*pretrained, data.train->info));
    if (!flags.only_seed) say(stderr, fmt::format("{}: {}\n", benchmark.name, flags.experiment.remarks.back()));
  }
  for (const OwnedDataset* set : {&data, flags.experiment.auxiliary.get()})
    if (set)
      for (std::vector<std::string>* to : {&flags.experiment.remarks, &flags.experiment.left_out})
        to->insert(to->end(), set->remarks.begin(), set->remarks.end());
  const ImageSetInfo& info = data.train->info;
  if (const std::vector<int> untested = classes_without_images(data.test->labels, info.classes()); !untested.empty())
    flags.experiment.remarks.push_back(
        fmt::format("{} of {} classes have no test image, the first being {}: their accuracy is not measured.",
                    untested.size(), info.classes(), info.class_names[static_cast<size_t>(untested[0])]));
  if (row && !flags.experiment.published.empty()) flags.experiment.departures = departures_from(*row, flags, data);
  return run_experiments(flags, data);
}

/// Prints what --help-method, --list-methods or --list-presets ask for. Returns false if the command line has none of
/// them.
bool list(const Benchmark& benchmark, const Flags& flags) {
  if (!flags.help_method.empty())
    fmt::print("{}", method_help(flags.help_method));
  else if (flags.list_methods)
    for (const MethodInfo& method : all_methods()) fmt::print("{:<24} {}\n", method.name, method.summary);
  else if (flags.list_presets)
    fmt::print("{}", list_of(benchmark.presets()));
  return !flags.help_method.empty() || flags.list_methods || flags.list_presets;
}

/// Parses the command line again, with the values that the images suggest for flags that it does not give. Every
/// suggestion that is used becomes a remark.
ParsedCommandLine with_suggestions(const Benchmark& benchmark, const std::vector<std::string>& arguments,
                                   ParsedCommandLine parsed) {
  std::vector<std::string> words, remarks;
  for (const Suggestion& s : benchmark.suggest(parsed.flags.data, parsed.flags.images)) {
    if (parsed.given.contains(s.flag)) continue;
    words.insert(words.end(), {s.flag, s.value});
    remarks.push_back(fmt::format("{} {} was chosen, since {}.", s.flag, s.value, s.reason));
  }
  const Flags start = parse_command_line(benchmark, words, benchmark.defaults)->flags;
  parsed = *parse_command_line(benchmark, arguments, start);
  parsed.flags.experiment.remarks = std::move(remarks);
  return parsed;
}

/// The flags as if a command line had given those of `preset`, which may be empty, and then `words`.
Flags flags_after(const Benchmark& benchmark, const std::string& preset, const std::vector<std::string>& words) {
  Flags start = benchmark.defaults;
  if (!preset.empty())
    start = parse_command_line(benchmark, preset_named(preset, benchmark.presets()).flags, start)->flags;
  return parse_command_line(benchmark, words, start)->flags;
}

/// Runs the verb `evaluate` on the images that the command line names or, where it does not, on those of the model's
/// run.
void evaluate(const Benchmark& benchmark, const std::vector<std::string>& arguments, const ParsedCommandLine& parsed) {
  const EvaluateFlags& wanted = *parsed.evaluate;
  const ModelContent content = read_model(file_of(wanted.trained));
  const std::optional<StartedRun> run = started_run(wanted.trained.model);
  Flags flags = parsed.flags;
  if (run) {
    const std::vector<std::string> words = data_words(*run, benchmark.name, parsed.which_images, parsed.given);
    const bool same = run->program == benchmark.name;
    flags = parse_command_line(benchmark, arguments, flags_after(benchmark, same ? run->preset : "", words))->flags;
  }
  const std::string which = images_text(flags.data, run ? &*run : nullptr, parsed.given);
  flags.images.image_size = content.info.images.height;
  evaluate_trained(wanted, content, load(benchmark, flags), which);
}

/// Runs the program. `command` is its command line as a shell reads it.
int start(const Benchmark& benchmark, const std::vector<std::string>& arguments, const std::string& command) {
  std::optional<ParsedCommandLine> parsed = parse_command_line(benchmark, arguments, benchmark.defaults);
  if (!parsed) return 0;
  if (parsed->download_to) {
    benchmark.download(*parsed->download_to, parsed->flags.images);
    return 0;
  }
  if (parsed->prepare) {
    const PrepareFlags& wanted = *parsed->prepare;
    prepare(wanted,
            needs_images(wanted) ? find_images(*benchmark.large, wanted.data, parsed->flags.images) : ImageFileSplit{});
    return 0;
  }
  if (parsed->evaluate) {
    evaluate(benchmark, arguments, *parsed);
    return 0;
  }
  if (parsed->predict) {
    predict_pictures(*parsed->predict);
    return 0;
  }
  if (parsed->tables) {
    const std::vector<TableRow> none;
    fmt::print("{}", tables_text(benchmark.name, benchmark.presets(),
                                 benchmark.not_offered ? benchmark.not_offered() : none, *parsed->tables));
    return 0;
  }
  if (parsed->list) {
    const ImageFlags& images = parsed->flags.images;
    write_lists(*parsed->list, find_images(*benchmark.large, parsed->list->data, images), images.skip_bad);
    return 0;
  }
  // The preset's flags come first, so that the user's flags replace them.
  if (const std::string preset = parsed->flags.experiment.preset; !preset.empty())
    parsed = parse_command_line(benchmark, arguments, flags_after(benchmark, preset, {}));
  if (!parsed->config.empty()) {
    fmt::print("{}", parsed->config);
    return 0;
  }
  if (list(benchmark, parsed->flags)) return 0;
  if (benchmark.suggest && !parsed->flags.data.empty()) *parsed = with_suggestions(benchmark, arguments, *parsed);
  parsed->flags.experiment.origin.program = benchmark.name;
  parsed->flags.experiment.origin.command = command;
  return run(benchmark, parsed->flags);
}

/// The command line as a shell reads it, without the hidden flag of a run that was started side by side with others.
std::string command_of(std::vector<std::string> words) {
  const auto only = std::ranges::find(words, "--only-seed");
  if (only != words.end()) words.erase(only, std::min(only + 2, words.end()));
  return shell_words(words);
}

}  // namespace

int run_benchmark(const Benchmark& benchmark, const std::vector<std::string>& words) {
  return run_program(words, benchmark.name, [&](const std::vector<std::string>& arguments) {
    return start(benchmark, arguments, command_of(words));
  });
}

}  // namespace mneme
