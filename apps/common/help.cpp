#include "apps/common/help.h"

#include <CLI/CLI.hpp>

namespace mneme {
namespace {

/// The flags that --help prints first, in the order in which a user needs them: the data, the method, the tasks, the
/// memory, the length, the seeds, and where the results go.
constexpr const char* every_day[] = {"--data",    "--method", "--tasks", "--base-classes", "--memory-per-class",
                                     "--epochs",  "--lr",     "--seeds", "--out",          "--resume",
                                     "--dry-run", "--config"};
constexpr const char* also_needed[] = {"--preset",     "--order",  "--memory-total", "--network",
                                       "--batch-size", "--lambda", "--seed",         "--device"};

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    if (mode != CLI::AppFormatMode::Normal || app->get_parent()) return Formatter::make_help(app, name, mode);
    std::string text = make_description(app) + make_usage(app, name) + "\nEvery day, in the order of use:\n";
    for (const char* flag : every_day) text += make_option(app->get_option(flag), false);
    text += "\nAlso needed by most people:\n";
    for (const char* flag : also_needed) text += make_option(app->get_option(flag), false);
    return text + more_help(app->get_name()) + make_subcommands(app, mode) + "\n" + make_footer(app);
  }

 private:
  static std::string more_help(const std::string& name) {
    return fmt::format(
        "\nMore help:\n  {0} --help-all            every flag, in groups\n  {0} --help-method NAME    one method: its "
        "formula, source and options\n  {0} --list-methods        all methods\n  {0} --list-presets        rows of "
        "published tables\n",
        name);
  }
};

}  // namespace

void add_help_flags(CLI::App& app, Flags& flags) {
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_all_flag("--help-all", "Print every flag and exit");
  app.add_option("--help-method", flags.help_method, "Print one method's formula, source and options, and exit")
      ->configurable(false)
      ->group("Method");
}

}  // namespace mneme
