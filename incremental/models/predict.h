#pragma once
// Classifies image files by a trained model.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/images/image_file.h"
#include "incremental/models/model_file.h"

namespace mneme {

/// The pixels (3, H, W) that `model` is given of an image. A set of image files had its images
/// resized by their short side and cropped, and so is this one. Other sets store images of the right size: one of this
/// size is taken as it is, and any other is resized so that its short side fits, and its middle is cropped.
RawImage network_pixels(const RawImage& image, const ModelInfo& model);

/// The result for one file.
struct FilePrediction {
  std::string file;                        ///< the name of the file as it was given
  std::string fault = {};                  ///< why the file could not be read; empty if it could
  std::vector<int> classes = {};           ///< the likeliest classes, in learning order of their labels, best first
  std::vector<double> probabilities = {};  ///< the probabilities of these classes
  std::vector<float> logits = {};          ///< the logits of all classes
};
/// Receives the files in their order.
using PredictionVisitor = std::function<void(const FilePrediction& prediction)>;

/// Classifies image files by the model, which lies on `device`, and passes the `top` likeliest classes of each to
/// `visit`. Files are decoded on all threads, some hundred at a time, so that any number of files takes little memory.
/// A file that cannot be read is passed on with its fault and stops nothing.
void predict_files(TrainedModel& model, Device device, std::span<const std::string> files, int top,
                   const PredictionVisitor& visit);

}  // namespace mneme
