#pragma once
// Images that come from elsewhere, and a record of how they were asked for.

#include "data/batches/image_source.h"

namespace mneme::test {

/// Notes which batches it was told to expect and which it was asked for.
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
