// Class-incremental learning on CIFAR-100, or on generated images of the same shape.
//
//   cifar100                                              five minutes on generated images
//   cifar100 download --data DIR                          fetch CIFAR-100
//   cifar100 --data DIR --method lwf --tasks 10           the real thing

#include <optional>

#include "apps/common/command_line.h"
#include "apps/common/flags.h"
#include "apps/common/presets.h"
#include "apps/common/run.h"
#include "apps/presets/cifar100_presets.h"
#include "data/cifar100.h"
#include "data/download.h"
#include "data/generated.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  cifar100 --out runs/demo
      LwF on generated images: a few minutes on two cores, ends with a report to open in a browser
  cifar100 download --data data-cache && cifar100 --data data-cache --method lwf --tasks 10 --epochs 30
      CIFAR-100, ten classes at a time, without any stored images
  cifar100 --data data-cache --method il-baseline-balanced --base-classes 50 --tasks 6 --memory-per-class 20
      fifty classes, then five steps of ten, with twenty exemplars per class and balanced softmax)";

ResidentDataset load(const Flags& flags) {
  if (!flags.data.empty()) return load_cifar100(flags.data);
  return generate_images(
      {.classes = flags.generated_classes, .train_per_class = flags.generated_per_class, .seed = flags.generated_seed});
}

/// The second image set; null if none was asked for.
std::shared_ptr<const ResidentDataset> load_auxiliary(const Flags& flags) {
  if (flags.auxiliary.empty()) return nullptr;
  if (flags.auxiliary != "generated") return std::make_shared<ResidentDataset>(load_cifar100(flags.auxiliary));
  return std::make_shared<ResidentDataset>(generate_images({.classes = flags.generated_classes,
                                                            .train_per_class = flags.generated_per_class,
                                                            .seed = flags.generated_seed + 1}));
}

int run(Flags& flags) {
  if (flags.list_methods) {
    for (const MethodInfo& method : all_methods()) fmt::print("{:<24} {}\n", method.name, method.summary);
    return 0;
  }
  if (flags.list_presets) {
    fmt::print("{}", list_of(cifar100_presets()));
    return 0;
  }
  resolve(flags);
  if (!flags.experiment.preset.empty())
    flags.experiment.published = preset_named(flags.experiment.preset, cifar100_presets()).published;
  if (flags.data.empty())
    flags.experiment.remarks.push_back(
        "Generated images, not CIFAR-100: good for trying things out, not for comparing with papers. Give --data for "
        "the real set.");
  flags.experiment.auxiliary = load_auxiliary(flags);
  return run_experiments(flags, load(flags));
}

int run_download(const std::filesystem::path& folder) {
  download_cifar100(folder, {});
  return 0;
}

/// What a command line asks for.
struct Asked {
  Flags flags;
  std::optional<std::filesystem::path> download_to;
};

/// Flags that are not given keep the values of `start`. Empty if help was asked for, which is printed.
std::optional<Asked> asked_for(const std::vector<std::string>& arguments, const Flags& start) {
  CLI::App app(
      "Class-incremental learning on CIFAR-100: a network learns classes step by step, and forgets less or more.",
      "cifar100");
  Asked asked{start, {}};
  add_flags(app, asked.flags);
  app.footer(examples);
  CLI::App* download = app.add_subcommand("download", "Fetch CIFAR-100, check it and unpack it into --data");
  std::filesystem::path target;
  download->add_option("--data", target, "Folder to unpack into")->required();
  if (!parse_arguments(app, arguments)) return {};
  if (download->parsed()) asked.download_to = target;
  return asked;
}

int start(const std::vector<std::string>& arguments) {
  std::optional<Asked> asked = asked_for(arguments, {});
  if (!asked) return 0;
  if (asked->download_to) return run_download(*asked->download_to);
  if (const std::string preset = asked->flags.experiment.preset; !preset.empty())  // first its flags, then the user's
    asked = asked_for(arguments, asked_for(preset_named(preset, cifar100_presets()).flags, {})->flags);
  return run(asked->flags);
}

}  // namespace

int main(int argc, char** argv) { return run_program({argv, argv + argc}, "cifar100", start); }
