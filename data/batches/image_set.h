#pragma once
// What an image set is. `ImageSet` is what runs are given; `ResidentImages` holds all pixels in memory (CIFAR, SVHN,
// the generated set), `StreamedImages` (data/batches/streamed_images.h) reads them when they are asked for.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/batches/image_source.h"

namespace mneme {

class Sha256;
struct RawImage;

/// Per channel, for pixels scaled to [0, 1]: x' = (x - mean) / std.
struct Normalisation {
  std::vector<float> mean,  ///< (C): the mean of each channel
      std;                  ///< (C): the standard deviation of each channel
};

struct ImageSetInfo {
  std::string name;
  int channels = 0, height = 0, width = 0;  // of what a network is given
  std::vector<std::string> class_names;     // index = label
  Normalisation normalisation;

  int classes() const { return static_cast<int>(class_names.size()); }
  size_t image_bytes() const {
    return static_cast<size_t>(channels) * static_cast<size_t>(height) * static_cast<size_t>(width);
  }
};

/// Labelled images, wherever their pixels are.
struct ImageSet {
  ImageSetInfo info;        ///< name, image size and classes of the set
  std::vector<int> labels;  ///< (N), each in [0, classes)

  ImageSet() = default;
  /// A set that `i` describes, with the labels `l`, (N).
  ImageSet(ImageSetInfo i, std::vector<int> l) : info(std::move(i)), labels(std::move(l)) {}
  virtual ~ImageSet() = default;

  /// The number of images, N.
  int size() const { return static_cast<int>(labels.size()); }
  /// Makes the source from which a network on `device` gets the images; the set must outlive it.
  virtual std::unique_ptr<ImageSource> source(Device device, DType type) const = 0;
  /// Image i in colour and small, as a page shows it; all of a set are of one size.
  virtual RawImage thumbnail(int i) const = 0;
  /// Adds what the pixels depend on to a fingerprint.
  virtual void identify_pixels(Sha256& sum) const = 0;

 protected:
  /// Copies the description and the labels. Only derived classes may copy or move, so that no set loses its pixels.
  ImageSet(const ImageSet&) = default;
  /// Moves the description and the labels.
  ImageSet(ImageSet&&) = default;
  /// Assigns a copy of the description and the labels.
  ImageSet& operator=(const ImageSet&) = default;
  /// Moves the description and the labels into this set.
  ImageSet& operator=(ImageSet&&) = default;
};

/// An image of pixels (C, H, W), in colour; a single grey plane is shown thrice.
RawImage raw_image_of(const ImageSetInfo& info, std::span<const uint8_t> planes);

/// 8-bit images in memory.
struct ResidentImages final : ImageSet {
  std::vector<uint8_t> pixels;  ///< (N, C, H, W), each channel a plane

  ResidentImages() = default;
  /// A set that `i` describes, with the pixels `p`, (N, C, H, W), and the labels `l`, (N).
  ResidentImages(ImageSetInfo i, std::vector<uint8_t> p, std::vector<int> l)
      : ImageSet(std::move(i), std::move(l)), pixels(std::move(p)) {}

  /// (C, H, W) of image i.
  std::span<const uint8_t> image(int i) const {
    return std::span(pixels).subspan(static_cast<size_t>(i) * info.image_bytes(), info.image_bytes());
  }
  std::unique_ptr<ImageSource> source(Device device, DType type) const override;
  RawImage thumbnail(int i) const override;
  void identify_pixels(Sha256& sum) const override;
};

/// The two parts every benchmark set comes in.
struct ResidentDataset {
  ResidentImages train,                   ///< the images for training
      test;                               ///< the images for testing
  std::vector<std::string> remarks = {};  ///< what was left out or is doubtful, a phrase each, for a run's results
};

/// The two parts, as runs see them; both must outlive it.
struct Dataset {
  const ImageSet &train,  ///< the images for training
      &test;              ///< the images for testing

  /// Refers to `a` for training and to `b` for testing.
  Dataset(const ImageSet& a, const ImageSet& b) : train(a), test(b) {}
  /// Refers to the two parts of `data`.
  Dataset(const ResidentDataset& data) : train(data.train), test(data.test) {}
};

/// The two parts, and whoever holds one holds them.
struct OwnedDataset {
  std::shared_ptr<const ImageSet> train,  ///< the images for training
      test;                               ///< the images for testing
  std::vector<std::string> remarks = {};  ///< see ResidentDataset

  /// Shares `a` for training and `b` for testing; `r` are the remarks.
  OwnedDataset(std::shared_ptr<const ImageSet> a, std::shared_ptr<const ImageSet> b, std::vector<std::string> r = {})
      : train(std::move(a)), test(std::move(b)), remarks(std::move(r)) {}
  /// Takes over the two parts and the remarks of `data`.
  OwnedDataset(ResidentDataset data);
  /// The two parts as references, which are valid as long as somebody holds the parts.
  operator Dataset() const { return {*train, *test}; }
};

}  // namespace mneme
