#pragma once
// An image source that records how it is used.

#include "data/batches/image_source.h"

namespace mneme::test {

/// Records which batches were announced by prefetch() and which were requested.
class NotingSource final : public ImageSource {
 public:
  explicit NotingSource(const ImageSource& images) : images_(images) {}
  Tensor assemble(const BatchRequest& request) const override {
    asked.push_back(request);
    return images_.assemble(request);
  }
  void prefetch(std::vector<BatchRequest> batches) const override {
    expected.insert(expected.end(), batches.begin(), batches.end());
  }
  mutable std::vector<BatchRequest> expected, asked;

 private:
  const ImageSource& images_;
};

}  // namespace mneme::test
