#pragma once
// RawImages of other sizes: antialiased bilinear resizing of a part of a picture, and the sizes and boxes that
// ImageNet's evaluation uses.

#include "data/images/image_file.h"

namespace mneme {

/// A part of a picture, in pixels.
struct Box {
  int top = 0, left = 0, height = 0, width = 0;
};

struct Extent {
  int height = 0, width = 0;
};

Box whole(const RawImage& picture);

/// The box of the picture, resized to height x width: what Pillow's crop(box).resize(..., BILINEAR) gives, byte for
/// byte, and so torchvision's resized_crop. Rows are resized before columns; Pillow 13 sometimes takes columns first,
/// which moves a pixel by one grey level at most. Throws Error if the box does not lie in the picture, or a size is
/// not positive.
RawImage resized(const RawImage& picture, const Box& box, int height, int width);

/// The size whose short side is `side`, the long one scaled with it and rounded down, as torchvision's Resize does.
Extent with_short_side(const Extent& from, int side);

/// The middle of a picture of size `from`, at most as large as it: torchvision's centre crop, where of an odd number of
/// pixels left over the halves are rounded to even.
Box centre_box(const Extent& from, const Extent& crop);

}  // namespace mneme
