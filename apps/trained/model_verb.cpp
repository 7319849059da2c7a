#include "apps/trained/model_verb.h"

#include <CLI/CLI.hpp>

#include <cstdio>

#include "data/files/atomic_file.h"
#include "engine/base/error.h"
#include "incremental/models/merged_heads.h"
#include "incremental/models/model_card.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;

void write_new(const fs::path& file, const std::string& content) {
  std::error_code ignored;
  MNEME_CHECK(!fs::exists(fs::symlink_status(file, ignored)),
              "{}: is there already, and nothing is overwritten; move it away or give another name", file.string());
  write_file_atomically(file, content);
  fmt::print("{}\n", file.string());
}

}  // namespace

CLI::App* add_model_verb(CLI::App& app, ModelFlags& flags) {
  CLI::App* verb = app.add_subcommand(
      "model", "A model card in Markdown: network, classes, images, accuracy and origin of a trained model");
  verb->add_option("MODEL", flags.model, "A model file (models/task_NN.safetensors), or the folder of a run")
      ->required();
  verb->add_option("--after", flags.after, "Of a run: the model after so many tasks (0: after the last one)")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--out", flags.out, "File to write the card to (standard output)");
  verb->add_option("--merge-heads", flags.merge_heads,
                   "Also write the model with one last layer, fc.weight and fc.bias, into this safetensors file");
  return verb;
}

void show_model(const ModelFlags& flags) {
  const fs::path file = model_path_of(flags.model, flags.after);
  const ModelContent model = read_model(file);
  if (!flags.merge_heads.empty()) {
    const ModelContent merged = with_merged_heads(model, file.string());
    write_new(flags.merge_heads, model_bytes(merged.tensors, merged.info));
  }
  const std::string card = model_card(model, file.filename().string());
  if (!flags.out.empty()) return write_new(flags.out, card);
  if (flags.merge_heads.empty()) fmt::print("{}", card);
}

}  // namespace mneme
