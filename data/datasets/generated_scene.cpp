#include "data/datasets/generated_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mneme::generated {

namespace {

constexpr double pi = 3.14159265358979323846;

struct Point {
  double x, y;
};

struct Colour {
  double r, g, b;
};

Colour mix(const Colour& a, const Colour& b, double t) {
  return {a.r + t * (b.r - a.r), a.g + t * (b.g - a.g), a.b + t * (b.b - a.b)};
}

// Hue in turns; saturation and value in [0, 1].
Colour hsv(double hue, double saturation, double value) {
  const auto channel = [&](double n) {
    const double k = std::fmod(n + 6 * (hue - std::floor(hue)), 6.0);
    return value * (1 - saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
  };
  return {channel(5), channel(3), channel(1)};
}

/// One image's draws, in the order the scene asks for them.
class Dice {
 public:
  Dice(RandomKey key, RandomCounter image) : key_(key), at_(image) {}
  double uniform(double low, double high) { return low + (high - low) * uniform01_double(key_, next()); }
  double gauss(double deviation) { return deviation * normal(key_, next()); }
  int below(int n) { return static_cast<int>(uniform_int(key_, next(), static_cast<uint32_t>(n))); }
  bool chance(double p) { return uniform(0, 1) < p; }
  double sign() { return chance(0.5) ? 1 : -1; }

 private:
  RandomCounter next() {
    const RandomCounter now = at_;
    ++at_.draw;
    return now;
  }
  RandomKey key_;
  RandomCounter at_;
};

double length(double x, double y) { return std::sqrt(x * x + y * y); }

double fraction(double x) { return x - std::floor(x); }

bool in_star(Point p) {
  constexpr double fifth = 2 * pi / 5, inner = 0.42;
  const double turn = std::atan2(p.x, -p.y), folded = std::abs(turn - fifth * std::round(turn / fifth));
  const double r = length(p.x, p.y), x = r * std::cos(folded), y = r * std::sin(folded);
  // the edge from the tip (1, 0) to the notch
  const double nx = inner * std::cos(fifth / 2), ny = inner * std::sin(fifth / 2);
  return (nx - 1) * y - ny * (x - 1) > 0;
}

bool in_heart(Point p) {
  const double x = 1.15 * p.x, y = 0.2 - 1.15 * p.y, a = x * x + y * y - 0.8;
  return a * a * a - 1.4 * x * x * y * y * y < 0;
}

/// Whether p lies in the shape, which spans about [-1, 1]; y points down.
bool inside(Shape shape, Point p) {
  const double r = length(p.x, p.y), ax = std::abs(p.x), ay = std::abs(p.y), most = std::max(ax, ay);
  switch (shape) {
    case Shape::disc: return r < 0.95;
    case Shape::ring: return r < 1 && r > 0.55;
    case Shape::square: return most < 0.82;
    case Shape::triangle: return p.y < 0.75 && p.y > 1.8 * ax - 1;
    case Shape::star: return in_star(p);
    case Shape::cross: return most < 0.98 && std::min(ax, ay) < 0.32;
    case Shape::crescent: return r < 1 && length(p.x - 0.5, p.y) > 0.78;
    case Shape::bar: return ax < 1.1 && ay < 0.36;
    case Shape::bow: return ax < 0.98 && ay < 0.78 * ax + 0.1;
    case Shape::heart: return in_heart(p);
    case Shape::corner: return most < 0.9 && (p.x < -0.2 || p.y > 0.2);
    case Shape::arch: return p.y < 0 ? r < 1 && r > 0.5 : ax < 1 && ax > 0.5 && p.y < 0.9;
  }
  return false;
}

/// How much of the second colour shows at p, in the object's own coordinates.
double second_colour(Texture texture, Point p, double frequency, double phase) {
  const double u = fraction(p.x * frequency + phase), v = fraction(p.y * frequency + phase);
  switch (texture) {
    case Texture::plain: return 0;
    case Texture::striped: return v < 0.5;
    case Texture::checked: return (u < 0.5) != (v < 0.5);
    case Texture::dotted: return length(u - 0.5, v - 0.5) < 0.32;
    case Texture::banded: return fraction(length(p.x, p.y) * frequency + phase) < 0.5;
    case Texture::shaded: return std::clamp(0.5 + 0.55 * p.x, 0.0, 1.0);
  }
  return 0;
}

/// A shape somewhere, turned, stretched and coloured.
struct Object {
  Shape shape;
  Texture texture;
  Colour first, second;
  double x, y, cosine, sine, across, down;  // centre; turn; half extents
  double frequency, phase, opacity;

  void paint(Point p, Colour& under) const {
    const double dx = p.x - x, dy = p.y - y;
    const Point own{(cosine * dx + sine * dy) / across, (cosine * dy - sine * dx) / down};
    if (std::max(std::abs(own.x), std::abs(own.y)) > 1.2 || !inside(shape, own)) return;
    under = mix(under, mix(first, second, second_colour(texture, own, frequency, phase)), opacity);
  }
};

Object place(Dice& dice, Shape shape, double turn, double size, double reach) {
  Object o{};
  o.shape = shape;
  o.x = dice.uniform(-reach, reach);
  o.y = dice.uniform(-reach, reach);
  o.cosine = std::cos(turn);
  o.sine = std::sin(turn);
  const double stretch = std::exp(dice.gauss(0.1));
  o.across = size * stretch;
  o.down = size / stretch;
  o.phase = dice.uniform(0, 1);
  o.opacity = 1;
  return o;
}

Object draw_object(Dice& dice, const ClassLook& look) {
  const double size = dice.uniform(0.36, 0.62) * (look.number == 1 ? 1.0 : 0.62);
  Object o = place(dice, look.shape, dice.gauss(0.3), size, look.number == 1 ? 0.95 - size : 0.7);
  o.texture = look.texture;
  o.frequency = dice.uniform(1.3, 1.9);
  const double hue = look.hue / 6.0 + dice.gauss(0.035), value = dice.uniform(0.55, 1);
  o.first = hsv(hue, dice.uniform(0.55, 1), value);
  // the second colour is a paler or a darker one of the same family
  o.second = dice.chance(0.5) ? hsv(hue + dice.gauss(0.05), dice.uniform(0.1, 0.35), std::min(1.0, value + 0.25))
                              : hsv(hue + dice.gauss(0.05), dice.uniform(0.6, 1), value * dice.uniform(0.25, 0.5));
  return o;
}

Object draw_clutter(Dice& dice) {
  Object o = place(dice, static_cast<Shape>(dice.below(shapes)), dice.uniform(0, 2 * pi), dice.uniform(0.1, 0.27), 1);
  o.texture = static_cast<Texture>(dice.below(textures));
  o.frequency = dice.uniform(0.8, 1.6);
  o.opacity = dice.uniform(0.5, 1);
  o.first = hsv(dice.uniform(0, 1), dice.uniform(0.2, 1), dice.uniform(0.2, 1));
  o.second = hsv(dice.uniform(0, 1), dice.uniform(0.2, 1), dice.uniform(0.2, 1));
  return o;
}

/// Random heights on a 5x5 lattice, smoothly joined.
class Mottle {
 public:
  explicit Mottle(Dice& dice) {
    for (double& height : heights_) height = dice.uniform(0, 1);
  }
  double at(Point p) const {
    const double u = std::clamp(2 * (p.x + 1), 0.0, 3.999), v = std::clamp(2 * (p.y + 1), 0.0, 3.999);
    const size_t i = static_cast<size_t>(u), j = static_cast<size_t>(v);
    const auto smooth = [](double t) { return t * t * (3 - 2 * t); };
    const double a = smooth(u - static_cast<double>(i)), b = smooth(v - static_cast<double>(j));
    const double top = heights_[5 * j + i] * (1 - a) + heights_[5 * j + i + 1] * a;
    const double low = heights_[5 * j + i + 5] * (1 - a) + heights_[5 * j + i + 6] * a;
    return top * (1 - b) + low * b;
  }

 private:
  std::array<double, 25> heights_;
};

struct Background {
  Ground kind;
  Colour first, second;
  double cosine, sine, frequency;
  Mottle mottle;

  Background(Dice& dice, const ClassLook& look) : mottle(dice) {
    kind = static_cast<Ground>(look.ground < 0 ? dice.below(grounds) : look.ground);
    const double hue = look.ground < 0 ? dice.uniform(0, 1) : look.ground_hue / 6.0 + dice.gauss(0.03);
    const double value = dice.uniform(0.25, 0.85), turn = dice.uniform(0, 2 * pi);
    first = hsv(hue, dice.uniform(0.1, 0.6), value);
    second = hsv(hue + dice.gauss(0.08), dice.uniform(0.1, 0.6),
                 std::clamp(value + dice.sign() * dice.uniform(0.1, 0.3), 0.0, 1.0));
    cosine = std::cos(turn);
    sine = std::sin(turn);
    frequency = dice.uniform(1, 2.5);
  }

  Colour at(Point p) const {
    const Point turned{cosine * p.x + sine * p.y, cosine * p.y - sine * p.x};
    switch (kind) {
      case Ground::smooth: return mix(first, second, std::clamp(0.5 + 0.5 * turned.x, 0.0, 1.0));
      case Ground::striped: return mix(first, second, second_colour(Texture::striped, turned, frequency, 0));
      case Ground::mottled: return mix(first, second, mottle.at(p));
      case Ground::checked: return mix(first, second, second_colour(Texture::checked, turned, frequency, 0));
    }
    return first;
  }
};

/// Everything an image shows, before light and noise.
struct Scene {
  Background ground;
  std::array<Object, 5> clutter;
  std::array<Object, numbers> objects;
  Object cover;  // in front of everything
  int clutter_count, object_count;
  bool covered;

  Scene(Dice& dice, const ClassLook& look) : ground(dice, look) {
    clutter_count = 2 + dice.below(4);
    for (Object& o : clutter) o = draw_clutter(dice);
    object_count = look.number;
    for (Object& o : objects) o = draw_object(dice, look);
    covered = dice.chance(0.35);
    cover = draw_clutter(dice);
  }

  Colour at(Point p) const {
    Colour c = ground.at(p);
    for (int i = 0; i < clutter_count; ++i) clutter[static_cast<size_t>(i)].paint(p, c);
    for (int i = 0; i < object_count; ++i) objects[static_cast<size_t>(i)].paint(p, c);
    if (covered) cover.paint(p, c);
    return c;
  }
};

/// The mean over a pixel's 3x3 samples.
Colour pixel(const Scene& scene, int x, int y) {
  constexpr int samples = 3;
  Colour sum{0, 0, 0};
  for (int j = 0; j < samples; ++j)
    for (int i = 0; i < samples; ++i) {
      const Colour c = scene.at({2 * (x + (i + 0.5) / samples) / side - 1, 2 * (y + (j + 0.5) / samples) / side - 1});
      sum = {sum.r + c.r, sum.g + c.g, sum.b + c.b};
    }
  constexpr double share = 1.0 / (samples * samples);
  return {sum.r * share, sum.g * share, sum.b * share};
}

uint8_t to_byte(double x) { return static_cast<uint8_t>(std::lround(255 * std::clamp(x, 0.0, 1.0))); }

}  // namespace

void draw_scene(const ClassLook& look, RandomKey key, RandomCounter image, uint8_t* planes) {
  Dice dice(key, image);
  const Scene scene(dice, look);
  const double light_x = dice.gauss(0.15), light_y = dice.gauss(0.15), gain = std::exp(dice.gauss(0.15));
  const double noise = dice.uniform(0.01, 0.06);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const Colour c = pixel(scene, x, y);
      const double light = gain * (1 + light_x * (2.0 * x / side - 1) + light_y * (2.0 * y / side - 1));
      uint8_t* out = planes + y * side + x;
      out[0] = to_byte(c.r * light + dice.gauss(noise));
      out[side * side] = to_byte(c.g * light + dice.gauss(noise));
      out[2 * side * side] = to_byte(c.b * light + dice.gauss(noise));
    }
}

}  // namespace mneme::generated
