#pragma once
// Where the images of a run came from, so that a verb that uses its models need not be told again.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mneme {

/// How a run was started, as its run.json keeps it.
struct StartedRun {
  std::filesystem::path folder;  ///< of the run
  std::string program,           ///< "cifar100"
      preset;                    ///< empty if there was none
  nlohmann::json flags;          ///< the flags that were given, by name without dashes
};

/// How the run was started to which a model belongs: `model` is the folder of a run or a file in its folder models.
/// Nothing if no run.json tells.
std::optional<StartedRun> started_run(const std::filesystem::path& model);

/// Those flags of `run` that are among `names` ("--data", ...), as words of a command line of the program `program`,
/// which gives the flags `given` itself. With a given --generated-... the run's own --data is left out. Throws
/// UsageError for a run of another program, unless `given` says which images are meant.
std::vector<std::string> data_words(const StartedRun& run, const std::string& program,
                                    const std::set<std::string>& names, const std::set<std::string>& given);

/// A sentence for people: which images are used, and who said so. `data` is the value of --data; empty for generated
/// images. `run` is null if nothing is known about the model's run. Throws Error if the run's own data are gone.
std::string images_text(const std::filesystem::path& data, const StartedRun* run, const std::set<std::string>& given);

}  // namespace mneme
