#pragma once
// Neural gas: vertices that spread over a set of features according to their density.

#include <cstdint>
#include <functional>
#include <vector>

#include "incremental/memory/exemplars.h"

namespace mneme {

/// Chooses min(count, n) images by a neural gas over features (n, D). The vertices start at randomly drawn images. Then
/// every image f, in options.turns random orders, moves the vertex m of rank r = 0, 1, ... by distance to it:
///   m <- m + eps e^(-r / sigma) (f - m)
/// At the end, in the order of how many images are nearest to it, each vertex is represented by the nearest image not
/// yet chosen. Returns positions with their distances to the vertices; no position occurs twice. Martinetz and
/// Schulten, "A neural gas network learns topologies", 1991, with constant eps and sigma; Tao et al., "TPCIL", ECCV
/// 2020: docs/methods/tpcil.md#neural-gas. `draw(m)` returns a uniform number in 0..m-1.
std::vector<Exemplar> neural_gas(const std::vector<std::vector<float>>& features, int count,
                                 const std::function<uint32_t(uint32_t)>& draw, const NeuralGasOptions& options = {});

}  // namespace mneme
