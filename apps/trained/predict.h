#pragma once
// The verb `predict`: the likeliest classes of image files by a trained model.

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
  int top = 5;                        ///< the number of classes that are printed for each image
  std::string format = "table";       ///< "table", "csv" or "jsonl"
  bool logits = false;                ///< JSON lines hold all logits, too
};

/// Adds the verb with its flags to `app`, and returns it. Parsing fills `flags`, which must outlive `app`.
CLI::App* add_predict(CLI::App& app, PredictFlags& flags);

/// The image files that `words` name: a file itself, all images of a folder and the folders in it in the order of their
/// names, and for "-" the files and folders that `list` names line by line. Throws Error for a folder without images,
/// and if there are no words.
std::vector<std::string> picture_files(const std::vector<std::string>& words, std::istream& list);

/// Prints the likeliest classes of the images. If some files cannot be read, throws Error at the end; its message
/// counts them and names the first.
void predict_pictures(const PredictFlags& flags);

}  // namespace mneme
