#pragma once
// Draws one scene of the generated set. Private to data/generated*.cpp.

#include <cstdint>

#include "engine/base/random.h"

namespace mneme::generated {

enum class Shape { disc, ring, square, triangle, star, cross, crescent, bar, bow, heart, corner, arch };
enum class Texture { plain, striped, checked, dotted, banded, shaded };
enum class Ground { smooth, striped, mottled, checked };
inline constexpr int shapes = 12, textures = 6, hues = 6, grounds = 4, numbers = 3;

/// What all images of a class have in common. `ground` < 0: any background, a fresh one for every image.
struct ClassLook {
  Shape shape;      ///< the outline of the objects
  Texture texture;  ///< the texture of the objects
  int hue;          ///< the hue of the objects: an index into 6 hues, 60 degrees apart
  int number;       ///< the number of objects in the scene, 1 to 3
  int ground;       ///< the pattern of the background: -1, or a Ground
  int ground_hue;   ///< the hue of the background, an index as `hue`; without meaning if `ground` is negative
};

inline constexpr int side = 32;

/// Draws into three planes of 32x32 bytes. A pure function of its arguments: the draws are those of (key, image).
void draw_scene(const ClassLook& look, RandomKey key, RandomCounter image, uint8_t* planes);

}  // namespace mneme::generated
