#include "apps/common/data_of_run.h"

#include <algorithm>
#include <fstream>

#include "engine/base/error.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool gives_generated(const std::set<std::string>& given) {
  return std::ranges::any_of(given, [](const std::string& flag) { return flag.starts_with("--generated-"); });
}

bool gives_images(const std::set<std::string>& given) { return given.contains("--data") || gives_generated(given); }

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::optional<StartedRun> started_run(const fs::path& model) {
  std::error_code ignored;
  const fs::path whole = fs::absolute(model, ignored).lexically_normal(),
                 folder = fs::is_directory(model, ignored) ? model : whole.parent_path().parent_path();
  std::ifstream file(folder / "run.json");
  const json content = file ? json::parse(file, nullptr, false) : json();
  const json provenance = content.is_object() ? content.value("provenance", json()) : json();
  if (!provenance.is_object() || !provenance.contains("flags") || !provenance["flags"].is_object()) return {};
  const json& flags = provenance["flags"];
  return StartedRun{folder, text_at(provenance, "program"), text_at(flags, "preset"), flags};
}

std::vector<std::string> data_words(const StartedRun& run, const std::string& program,
                                    const std::set<std::string>& names, const std::set<std::string>& given) {
  if (run.program != program) {
    if (!gives_images(given))
      fail_usage("{}: is a run of {}, and this is {}: use that program, or say with --data where the images are",
                 run.folder.string(), run.program, program);
    return {};
  }
  std::vector<std::string> words;
  for (const auto& [flag, value] : run.flags.items()) {
    const std::string name = "--" + flag;
    if (!names.contains(name) || !value.is_string() || given.contains(name)) continue;
    if (name == "--data" && gives_generated(given)) continue;
    words.push_back(fmt::format("{}={}", name, value.get<std::string>()));
  }
  return words;
}

std::string images_text(const fs::path& data, const StartedRun* run, const std::set<std::string>& given) {
  const bool own = run && !gives_images(given);
  if (data.empty()) return own ? "generated images, as the run had them" : "generated images";
  std::error_code ignored;
  if (own && !fs::exists(data, ignored))
    fail("{}: its images were read from {}{}, where nothing is now; say with --data where they are",
         run->folder.string(), data.string(),
         data.is_relative() ? " (seen from the folder in which it was started)" : "");
  return fmt::format("the images in {}{}", data.string(), own ? ", as the run had them" : "");
}

}  // namespace mneme
