#pragma once
// The verb `model` of the program `report`: prints a model card, or writes the model with one last layer.

#include <filesystem>

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

struct ModelFlags {
  std::filesystem::path model,  ///< a model file, or the folder of a run
      out,                      ///< where the card is written; empty: to standard output
      merge_heads;              ///< where the model with merged heads is written; empty: nowhere
  int after = 0;                ///< of a run: the model after so many tasks; 0: after the last one
};

/// Adds the verb with its flags to `app`, and returns it. Parsing fills `flags`, which must outlive `app`.
CLI::App* add_model_verb(CLI::App& app, ModelFlags& flags);

/// Prints or writes the model card and, where it is asked for, writes the model with merged heads. Throws Error as
/// read_model() and with_merged_heads() do, and if a file to be written is there already.
void show_model(const ModelFlags& flags);

}  // namespace mneme
