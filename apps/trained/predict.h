#pragma once
// The verb `predict`: what a trained model sees in image files.

#include <string>
#include <vector>

#include "apps/trained/evaluate.h"

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

struct PredictFlags {
  TrainedFlags trained;
  std::vector<std::string> pictures;  ///< files, folders, and "-" for a list on standard input
  int top = 5;                        ///< how many classes are told of each
  std::string format = "table";       ///< "table", "csv" or "jsonl"
  bool logits = false;                ///< JSON lines hold all logits, too
};

/// Adds the verb with its flags to `app`, and returns it. Parsing fills `flags`, which must outlive `app`.
CLI::App* add_predict(CLI::App& app, PredictFlags& flags);

/// The image files that the words name: files as they are, all images in and below folders in order of their names, and
/// for "-" one file or folder a line of `list`. Throws Error for a folder without images, and for nothing at all.
std::vector<std::string> picture_files(const std::vector<std::string>& words, std::istream& list);

/// Prints what the model sees in the pictures. Throws Error at the end if some could not be read; the message counts
/// them and names the first.
void predict_pictures(const PredictFlags& flags);

}  // namespace mneme
