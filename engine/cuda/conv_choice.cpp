#include "engine/cuda/conv_choice.h"

namespace mneme::cuda {

std::string ConvKey::text() const {
  constexpr const char* passes[] = {"forward", "data gradient", "weight gradient"};
  const ConvShape& s = shape;
  return fmt::format("{} x ({}, {}, {}, {}) w ({}, {}, {}, {}) stride {} pad {}, {}, {}{}{}",
                     passes[static_cast<int>(pass)], s.n, s.c, s.h, s.w, s.k, s.c, s.r, s.s, s.stride, s.pad,
                     layout == Layout::plain ? "plain" : "channels last", name_of(precision),
                     deterministic ? ", deterministic" : "", exact ? ", exact" : "");
}

ConvKey conv_key(ConvPass pass, const ConvShape& shape) {
  const bool last = shape.c % channel_step == 0 || shape.k % channel_step == 0;
  return {pass,        shape,           last ? Layout::channels_last : Layout::plain,
          precision(), deterministic(), exact_convolutions()};
}

bool acceptable(const AlgorithmNotes& notes, const ConvKey& key) {
  if (notes.rounds_inputs || notes.reduced_sums) return false;
  if (notes.tensor_cores && key.precision == Precision::fp32) return false;
  if ((notes.fourier || notes.winograd) && key.exact) return false;
  return !(notes.unordered && key.deterministic);
}

}  // namespace mneme::cuda
