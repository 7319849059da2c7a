// The flags that choose a method and set its options. The options' flags follow from the rows of the methods and slots:
// Note [Method options] in incremental/options/option.h.

#include "apps/command_line/effective_flags.h"
#include "apps/common/flags.h"

#include <CLI/CLI.hpp>

namespace mneme {
namespace {

/// Adds flags under one heading of --help. It makes each flag one line of code.
struct Group {
  CLI::App& app;
  const char* name;

  void flag(const char* flag, bool& value, const char* help) const {
    app.add_flag(flag, value, help)->default_str(value ? "true" : "false")->group(name);
  }
  void text(const char* flag, std::string& value, const std::string& help) const {
    app.add_option(flag, value, help)->group(name)->capture_default_str();
  }
};

void add_choice(CLI::App& app, Flags& f) {
  const Group group{app, "Method"};
  ExperimentOptions& e = f.experiment;
  app.add_option("--method", e.method, "Method to run; --list-methods shows all")
      ->group(group.name)
      ->capture_default_str();
  group.text("--preset", e.preset, "A row of a published table: sets the flags below, which may still be overridden");
  group.flag("--list-methods", f.list_methods, "Show the methods and stop");
  group.flag("--list-presets", f.list_presets, "Show the presets with their published numbers and stop");
  group.text("--prediction", e.slots.prediction,
             "Classification loss in place of the method's, one of " + prediction_names());
  group.text("--distill", e.slots.distillation,
             "Distillation in place of the method's: none, or a list of " + distillation_names());
  group.text("--sampler", e.slots.sampler,
             "How an epoch goes through the images: shuffled, memory (exemplars as often as new images), classes (each "
             "as often), ratio (--replay-share of every batch) or split (--replay-batch beside every batch)");
  group.text("--second-stage", e.slots.second_stage,
             "none, or balanced: class weights are finetuned on equally many images of every class");
  group.text("--predict-by", e.predict_by, "logits, multi-softmax or nearest-mean (default: the method's rule)");
  group.flag("--multi-softmax", f.multi_softmax, "The same as --predict-by multi-softmax");
  group.text("--classifier", f.classifier, "linear, cosine, corrected or proxies (default: the method's)");
}

/// The value of the option as text, such as "0.5" or "true"; empty if it is not set in `options`.
std::string text_in(const MethodOptions& options, const Option& option) {
  const nlohmann::json value = option.value(options);
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

/// Binds the flag of one method option to `f`, and records in `f` when the command line gives it.
void add_option(CLI::App& app, Flags& f, const Option& option) {
  const auto read = [&f, option](const std::string& text) {
    option.read(option, f.experiment.method_options, text);
    f.given_options.push_back(option.flag);
  };
  // A longer list of methods would fill the page; --help-method names the options of each method.
  constexpr size_t longest = 100;
  const std::string users = users_of(option.flag);
  const std::string help = fmt::format("{} [{}]", option.help, users.size() > longest ? "most methods" : users);
  const std::string before = text_in(f.experiment.method_options, option);
  if (option.kind == Option::Kind::on_off) {
    app.add_flag_function(
           option.flag, [read](int64_t count) { read(count > 0 ? "true" : "false"); }, help)
        ->default_str(before)
        ->group(method_options_group);
    return;
  }
  constexpr const char* kinds[] = {"FLOAT", "INT", "", "TEXT"};
  app.add_option_function<std::string>(option.flag, read, help)
      ->type_name(kinds[static_cast<int>(option.kind)])
      ->default_str(before)
      ->group(method_options_group);
}

}  // namespace

void add_method_flags(CLI::App& app, Flags& flags) {
  add_choice(app, flags);
  for (const Option& option : all_options()) add_option(app, flags, option);
}

std::string method_help(const std::string& name) {
  const MethodInfo& method = method_named(name);
  std::string text =
      fmt::format("{}: {}\n\n  {}\n\nsource: {}\n", method.name, method.summary, method.formula, method.source);
  if (const size_t line = text.find('\n', text.find("\n\n") + 2); text[line + 1] != '\n') text.insert(line + 1, "  ");
  if (method.options.empty()) return text + "\nThis method has no options of its own.\n";
  text += "\nOptions of this method (defaults in brackets):\n";
  for (const Option& option : method.options) {
    const std::string value = text_in({}, option), range = option.range.text();
    const bool shown = option.kind != Option::Kind::on_off && !value.empty();
    text += fmt::format("  {:<28} {}{}\n", fmt::format("{}{}", option.flag, shown ? " [" + value + "]" : ""),
                        option.help, range.empty() ? "" : "; must " + range);
  }
  return text;
}

}  // namespace mneme
