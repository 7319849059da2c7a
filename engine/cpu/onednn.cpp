// Convolution and matrix products by oneDNN. oneDNN runs in one thread on a fixed chunk of images, and our threads run
// many chunks at a time: oneDNN's own threads would cut sums differently for every number of threads.

#include <dnnl_debug.h>

#include <cstdlib>
#include <map>
#include <string_view>

#include "engine/cpu/chunks.h"
#include "engine/cpu/direct.h"
#include "engine/cpu/isa.h"
#include "engine/cpu/onednn_plan.h"

namespace mneme::direct {
namespace {

/// The plans for one pass of a layer over a batch: all chunks have one size, except perhaps the last.
struct Layer {
  int64_t images;  // per chunk
  Plan chunk;
  std::optional<Plan> last;
  Conversion weights_in, weights_out;

  Plan& plan_for(int64_t count) { return count == images ? chunk : *last; }
};

struct Key {
  Pass pass;
  ConvShape shape;
  Layout x, y;
  auto operator<=>(const Key&) const = default;
};

/// Runs one convolution at a time. The lock is for programs that train and evaluate in different threads.
class Library {
 public:
  void run(Pass pass, const ConvShape& shape, const Tensor& x, const Tensor& w, const Tensor& y) {
    const std::lock_guard lock(mutex_);
    Layer& layer = layer_for({pass, shape, x.layout(), y.layout()});
    pass == Pass::weights ? gradient(layer, shape, x, w, y) : images(layer, shape, x, w, y);
  }

 private:
  Layer& layer_for(const Key& key) {
    auto found = layers_.find(key);
    if (found == layers_.end()) found = layers_.emplace(key, new_layer(key)).first;
    Layer& layer = found->second;
    layer.chunk.seat(threads());
    if (layer.last) layer.last->seat(threads());
    workers_.resize(std::max(workers_.size(), static_cast<size_t>(threads())));
    return layer;
  }

  static Layer new_layer(const Key& key) {
    const int64_t grain = key.pass == Pass::weights ? images_per_gradient(key.shape) : images_per_chunk(key.shape.n);
    const auto plan = [&](int64_t images, const std::optional<dnnl::memory::desc>& w) {
      ConvShape part = key.shape;
      part.n = images;
      return Plan(key.pass, part, key.x, key.y, w);
    };
    const int64_t each = std::min(grain, key.shape.n), rest = key.shape.n % each;
    Plan chunk = plan(each, {});
    Conversion in(chunk.plain_weights(), chunk.weight_format()), out(chunk.weight_format(), chunk.plain_weights());
    std::optional<Plan> last;
    if (rest) last = plan(rest, chunk.weight_format());
    return {each, std::move(chunk), std::move(last), std::move(in), std::move(out)};
  }

  /// Calls body(plan, the chunk's first image, the addresses of x and y there) for every chunk.
  template <class Body>
  void each_chunk(Layer& layer, const ConvShape& s, const Tensor& x, const Tensor& y, const Body& body) {
    float *const x0 = x.data<float>(), *const y0 = y.data<float>();
    const int64_t x_image = s.c * s.h * s.w, y_image = s.k * s.out_h() * s.out_w();
    parallel_chunks_that_may_fail(s.n, layer.images, [&](int64_t begin, int64_t end) {
      body(layer.plan_for(end - begin), begin, x0 + begin * x_image, y0 + begin * y_image);
    });
  }

  Scratch& mine() { return workers_[static_cast<size_t>(worker())]; }

  void images(Layer& layer, const ConvShape& s, const Tensor& x, const Tensor& w, const Tensor& y) {
    float* weights = w.data<float>();
    if (layer.weights_in.needed()) {
      float* converted = static_cast<float*>(weights_.bytes(layer.chunk.weight_format().get_size()));
      layer.weights_in.run(weights, converted);
      weights = converted;
    }
    each_chunk(layer, s, x, y,
               [&](Plan& plan, int64_t, float* xs, float* ys) { plan.run(worker(), mine(), xs, weights, ys); });
  }

  void gradient(Layer& layer, const ConvShape& s, const Tensor& x, const Tensor& dw, const Tensor& dy) {
    const int64_t chunks = (s.n + layer.images - 1) / layer.images;
    const int64_t size = static_cast<int64_t>(layer.chunk.weight_format().get_size() / sizeof(float));
    const bool in_place = chunks == 1 && !layer.weights_out.needed();
    float* parts = in_place ? dw.data<float>() : weights_.floats(static_cast<size_t>(chunks * size));
    each_chunk(layer, s, x, dy, [&](Plan& plan, int64_t first, float* xs, float* ys) {
      plan.run(worker(), mine(), xs, parts + first / layer.images * size, ys);
    });
    if (in_place) return;
    add_parts_in_order(parts, chunks, size);
    if (layer.weights_out.needed())
      layer.weights_out.run(parts, dw.data<float>());
    else
      std::copy(parts, parts + size, dw.data<float>());
  }

  std::mutex mutex_;
  std::map<Key, Layer> layers_;
  std::vector<Scratch> workers_;
  Scratch weights_;
};

/// Where MNEME_ISA chooses our kernels, oneDNN uses no better instructions than these, so that MNEME_ISA=avx2 computes
/// what a processor with AVX2 does. This must come before all calls of oneDNN that depend on the instructions; later it
/// has no effect.
void restrict_instructions() {
  [[maybe_unused]] static const bool once = [] {
    const std::string_view kernels = isa_in_use().name;
    if (std::getenv("MNEME_ISA") && kernels != "avx512")
      dnnl::set_max_cpu_isa(kernels.starts_with("avx2") ? dnnl::cpu_isa::avx2 : dnnl::cpu_isa::sse41);
    return true;
  }();
}

void run(Pass pass, const char* call, const ConvShape& s, const Tensor& x, const Tensor& w, const Tensor& y) {
  restrict_instructions();
  static auto* library = new Library;
  try {
    library->run(pass, s, x, w, y);
  } catch (const dnnl::error& e) {
    fail("oneDNN could not do {} of x ({}, {}, {}, {}) with w ({}, {}, {}, {}), stride {}, pad {}: {} (status {})",
         call, s.n, s.c, s.h, s.w, s.k, s.c, s.r, s.s, s.stride, s.pad, e.what(), static_cast<int>(e.status));
  }
}

}  // namespace

std::string describe() {
  restrict_instructions();
  const dnnl_version_t& v = *dnnl_version();
  std::string_view instructions = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa());
  constexpr std::string_view prefix = "cpu_isa_";
  if (instructions.starts_with(prefix)) instructions.remove_prefix(prefix.size());
  return fmt::format("oneDNN {}.{}.{} ({})", v.major, v.minor, v.patch, instructions);
}

void conv2d(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) {
  run(Pass::forward, "conv2d", s, x, w, y);
}
void conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy, Tensor& dx) {
  run(Pass::data, "conv2d_dx", s, dx, w, dy);
}
void conv2d_dw(const ConvShape& s, const Tensor& x, const Tensor& dy, Tensor& dw) {
  run(Pass::weights, "conv2d_dw", s, x, dw, dy);
}

void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) {
  const int64_t m = c.dim(0), n = c.dim(1), k = a.dim(transpose_a ? 0 : 1);
  const float *left = a.data<float>(), *right = b.data<float>();
  float* out = c.data<float>();
  parallel_chunks_that_may_fail(m, rows_per_chunk(n, k), [=, &a, &b](int64_t begin, int64_t end) {
    const OneThread alone;
    const dnnl_status_t status = dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', end - begin, n, k, 1,
                                            left + begin * (transpose_a ? 1 : k), transpose_a ? m : k, right,
                                            transpose_b ? k : n, 0, out + begin * n, n);
    MNEME_CHECK(status == dnnl_success, "oneDNN could not do dnnl_sgemm of {}{} with {}{} (status {})",
                a.shape().text(), transpose_a ? "^T" : "", b.shape().text(), transpose_b ? "^T" : "",
                static_cast<int>(status));
  });
}

}  // namespace mneme::direct
