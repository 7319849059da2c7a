#include "layers/residual_block.h"

#include "engine/base/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, Shortcut> shortcuts[] = {{"projection", Shortcut::projection},
                                                          {"zero-pad", Shortcut::zero_pad}};

}  // namespace

Shortcut shortcut_named(const std::string& name) { return choose_by_name("shortcut", name, shortcuts); }

const char* name_of(Shortcut shortcut) { return name_among(shortcuts, shortcut); }

ShortcutPath::ShortcutPath(const BlockOptions& o, Factory& factory) : in_(o.in), out_(o.out), stride_(o.stride) {
  const bool changes = o.stride != 1 || o.in != o.out;
  if (changes && o.shortcut == Shortcut::projection)
    projection = Projection{
        Conv2d({.in = o.in, .out = o.out, .kernel = 1, .stride = o.stride, .scaled = o.kernel_scales}, factory),
        BatchNorm2d(o.out, factory)};
}

Tensor ShortcutPath::operator()(const Tensor& x, Mode mode) {
  if (projection) return projection->bn(projection->conv(x), mode);
  if (stride_ == 1 && in_ == out_) return x;
  return subsample_pad_channels(x, stride_, out_);
}

void ShortcutPath::each_state(const std::string& at, const Visit& visit) {
  if (!projection) return;
  projection->conv.each_state(join(at, "downsample.0"), visit);
  projection->bn.each_state(join(at, "downsample.1"), visit);
}

BasicBlock::BasicBlock(const BlockOptions& o, Factory& factory)
    : last_relu(o.last_relu),
      conv1({.in = o.in, .out = o.out, .kernel = 3, .stride = o.stride, .pad = 1, .scaled = o.kernel_scales}, factory),
      bn1(o.out, factory),
      conv2({.in = o.out, .out = o.out, .kernel = 3, .pad = 1, .scaled = o.kernel_scales}, factory),
      bn2(o.out, factory, o.last_gamma),
      shortcut(o, factory) {}

Tensor BasicBlock::forward(const Tensor& x, Mode mode) {
  Tensor y = relu(bn1(conv1(x), mode));
  y = bn2(conv2(y), mode);
  y = add(y, shortcut(x, mode));
  return last_relu ? relu(y) : y;
}

void BasicBlock::each_state(const std::string& at, const Visit& visit) {
  conv1.each_state(join(at, "conv1"), visit);
  bn1.each_state(join(at, "bn1"), visit);
  conv2.each_state(join(at, "conv2"), visit);
  bn2.each_state(join(at, "bn2"), visit);
  shortcut.each_state(at, visit);
}

Bottleneck::Bottleneck(const BlockOptions& o, Factory& factory)
    : last_relu(o.last_relu),
      conv1({.in = o.in, .out = o.out / 4, .kernel = 1, .scaled = o.kernel_scales}, factory),
      bn1(o.out / 4, factory),
      conv2({.in = o.out / 4, .out = o.out / 4, .kernel = 3, .stride = o.stride, .pad = 1, .scaled = o.kernel_scales},
            factory),
      bn2(o.out / 4, factory),
      conv3({.in = o.out / 4, .out = o.out, .kernel = 1, .scaled = o.kernel_scales}, factory),
      bn3(o.out, factory, o.last_gamma),
      shortcut(o, factory) {}

Tensor Bottleneck::forward(const Tensor& x, Mode mode) {
  Tensor y = relu(bn1(conv1(x), mode));
  y = relu(bn2(conv2(y), mode));
  y = bn3(conv3(y), mode);
  y = add(y, shortcut(x, mode));
  return last_relu ? relu(y) : y;
}

void Bottleneck::each_state(const std::string& at, const Visit& visit) {
  conv1.each_state(join(at, "conv1"), visit);
  bn1.each_state(join(at, "bn1"), visit);
  conv2.each_state(join(at, "conv2"), visit);
  bn2.each_state(join(at, "bn2"), visit);
  conv3.each_state(join(at, "conv3"), visit);
  bn3.each_state(join(at, "bn3"), visit);
  shortcut.each_state(at, visit);
}

}  // namespace mneme
