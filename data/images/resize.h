#pragma once
// Resizes raw images: antialiased bilinear resizing of a part of an image, and the sizes and boxes that
// ImageNet's evaluation uses.

#include "data/images/image_file.h"

namespace mneme {

/// A part of an image, in pixels.
struct Box {
  int top = 0,     ///< the first row
      left = 0,    ///< the first column
      height = 0,  ///< the number of rows
      width = 0;   ///< the number of columns
};

/// A size in pixels.
struct Extent {
  int height = 0,  ///< the number of rows
      width = 0;   ///< the number of columns
};

/// The box that is all of the image.
Box whole(const RawImage& image);

/// The part of the image in `box`, resized to height x width pixels: what Pillow's crop(box).resize(..., BILINEAR)
/// gives, byte for byte, and so torchvision's resized_crop. Rows are resized before columns; Pillow 13 sometimes takes
/// columns first, which moves a pixel by one grey level at most. Throws Error if the box does not lie in the image, or
/// a size is not positive.
RawImage resized(const RawImage& image, const Box& box, int height, int width);

/// The size whose short side is `side`, the long one scaled with it and rounded down, as torchvision's Resize does.
Extent with_short_side(const Extent& from, int side);

/// The middle of an image of size `from`, at most as large as it: torchvision's centre crop, where of an odd number of
/// pixels left over the halves are rounded to even.
Box centre_box(const Extent& from, const Extent& crop);

/// A copy of the part of the image inside `box`. The box must lie in the image.
RawImage cropped(const RawImage& image, const Box& box);

/// The whole image, resized to with_short_side(). Throws Error if its long side would have more than 65,536 pixels,
/// because such an image would fill the memory.
RawImage resized_to_short_side(const RawImage& image, int side);

/// The middle of an image, `crop` in size, after its short side was resized to `short_side` pixels, which are not fewer
/// than the crop's sides: what torchvision's Resize and CenterCrop give.
RawImage resized_centre(const RawImage& image, int short_side, const Extent& crop);

}  // namespace mneme
