#pragma once
// A neural gas: points that spread over a cloud of features as the features lie in it.

#include <cstdint>
#include <functional>
#include <vector>

#include "incremental/memory/exemplars.h"

namespace mneme {

/// Which images (n, D) stand for the min(count, n) vertices of a neural gas, as positions, none twice: for each vertex
/// the image nearest to it that is left, with its distance. Vertices with more images around them come first. They
/// start at images that are drawn; then every image f, turn by turn in a drawn order, moves the vertex m that is r-th
/// nearest to it (r = 0, 1, ...):
///   m <- m + eps e^(-r / sigma) (f - m)
/// Martinetz and Schulten, "A neural gas network learns topologies", 1991, with constant eps and sigma; Tao et al.,
/// "TPCIL", ECCV 2020: docs/methods/tpcil.md#neural-gas. `draw(m)` gives a uniform number in 0..m-1.
std::vector<Exemplar> neural_gas(const std::vector<std::vector<float>>& features, int count,
                                 const std::function<uint32_t(uint32_t)>& draw, const NeuralGasOptions& options = {});

}  // namespace mneme
