#pragma once
// Convolution in its direct form, any size, and matrix products. engine/cpu/onednn.cpp answers with oneDNN;
// engine/cpu/without_onednn.cpp answers in a build without it.

#include <string>

#include "engine/device.h"

namespace mneme::direct {

/// The library's name and version.
std::string describe();

// As in Backend: image tensors plain or blocked, weights plain, outputs overwritten.
void conv2d(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
void conv2d_dx(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx);
void conv2d_dw(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw);
void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c);

}  // namespace mneme::direct
