#include "data/datasets/generated.h"

#include <array>
#include <cassert>
#include <string_view>

#include "data/datasets/generated_scene.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace mneme {

using namespace generated;

namespace {

constexpr int simple_looks = shapes * textures * hues;
static_assert(simple_looks * numbers * (1 + grounds * hues) == most_generated_classes);

constexpr std::array<std::string_view, shapes> shape_names{"disc",     "ring", "square", "triangle", "star",   "cross",
                                                           "crescent", "bar",  "bow",    "heart",    "corner", "arch"};
constexpr std::array<std::string_view, textures> texture_names{"plain",  "striped", "checked",
                                                               "dotted", "banded",  "shaded"};
constexpr std::array<std::string_view, hues> hue_names{"red", "yellow", "green", "teal", "blue", "purple"};
constexpr std::array<std::string_view, grounds> ground_names{"smooth", "striped", "mottled", "checked"};
constexpr std::array<std::string_view, numbers> number_names{"", "two ", "three "};

// A stride coprime to the number of looks visits each once, and makes neighbours differ in everything.
ClassLook look_of(int class_number) {
  assert(class_number >= 0 && class_number < most_generated_classes);
  const int look = class_number % simple_looks * 175 % simple_looks;
  const int more = class_number / simple_looks, ground = more / numbers - 1;
  return {.shape = static_cast<generated::Shape>(look % shapes),
          .texture = static_cast<Texture>(look / shapes % textures),
          .hue = look / (shapes * textures),
          .number = 1 + more % numbers,
          .ground = ground < 0 ? -1 : ground % grounds,
          .ground_hue = ground < 0 ? 0 : ground / grounds};
}

enum class Part : uint32_t { train = 0, test = 1 };

ResidentImages draw_part(const GeneratedOptions& options, Part part, int per_class) {
  ResidentImages out;
  out.info = {"generated", 3, side, side, {}, {{0.45f, 0.45f, 0.45f}, {0.25f, 0.25f, 0.25f}}};
  for (int c = 0; c < options.classes; ++c) out.info.class_names.push_back(generated_class_name(c));
  const int64_t count = int64_t{per_class} * options.classes;
  out.pixels.resize(static_cast<size_t>(count) * out.info.image_bytes());
  out.labels.resize(static_cast<size_t>(count));
  const RandomKey key = random_key(options.seed, Stream::generated);
  parallel_chunks(count, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int label = static_cast<int>(i % options.classes);
      const RandomCounter image{static_cast<uint32_t>(part), static_cast<uint32_t>(label),
                                static_cast<uint32_t>(i / options.classes), 0};
      out.labels[static_cast<size_t>(i)] = label;
      draw_scene(look_of(label), key, image, out.pixels.data() + static_cast<size_t>(i) * out.info.image_bytes());
    }
  });
  return out;
}

void check_count(std::string_view what, int64_t count, int64_t most) {
  if (count < 1 || count > most) fail_usage("generated images: {} {}, expected 1 to {}", count, what, most);
}

}  // namespace

std::string generated_class_name(int class_number) {
  const ClassLook look = look_of(class_number);
  std::string name =
      fmt::format("{}{} {} {}{}", number_names[static_cast<size_t>(look.number - 1)],
                  texture_names[static_cast<size_t>(look.texture)], hue_names[static_cast<size_t>(look.hue)],
                  shape_names[static_cast<size_t>(look.shape)], look.number > 1 ? "s" : "");
  if (look.ground < 0) return name;
  return fmt::format("{} on {} {}", name, ground_names[static_cast<size_t>(look.ground)],
                     hue_names[static_cast<size_t>(look.ground_hue)]);
}

ResidentDataset generate_images(const GeneratedOptions& options) {
  constexpr int64_t most_images = 2'000'000;  // 6 GB of pixels
  check_count("classes", options.classes, most_generated_classes);
  check_count("training images per class", options.train_per_class, most_images / options.classes);
  check_count("test images per class", options.test_per_class, most_images / options.classes);
  return {draw_part(options, Part::train, options.train_per_class),
          draw_part(options, Part::test, options.test_per_class)};
}

}  // namespace mneme
