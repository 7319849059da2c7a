// One operation on many small tensors, such as a network's parameters: a kernel takes as many of them as its arguments
// have room for.

#include <algorithm>
#include <array>

#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/inputs.h"

namespace mneme {
namespace {

// clang-format off
struct AddOne {
  static constexpr size_t touches = 2;  // it reads and writes `to`
  template <class A, class R> ON_DEVICE static void apply(A& to, R from) { to = Arithmetic<A>(to) + from; }
};
struct CopyOne {
  static constexpr size_t touches = 1;
  template <class A, class R> ON_DEVICE static void apply(A& to, R from) { to = static_cast<A>(from); }
};
// clang-format on

/// One pair. `channels` is 0 where element i of the one belongs to element i of the other; otherwise the layouts are
/// plain and channels last.
template <class A, class B>
struct Part {
  A* to;
  const B* from;
  int32_t channels, pixels;
  bool to_is_plain;
};

template <class Op, class A, class B>
struct EachPart {
  static constexpr int most = 96;  // a kernel's arguments fill 4 KiB at most
  int count = 0;
  int64_t begin[most + 1] = {};
  Part<A, B> parts[most];

  double bytes_each() const { return sizeof(B) + Op::touches * sizeof(A); }
  ON_DEVICE void operator()(int64_t i) const {
    int low = 0, high = count;  // begin[low] <= i < begin[high]
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      (begin[middle] <= i ? low : high) = middle;
    }
    const Part<A, B>& part = parts[low];
    const int64_t at = i - begin[low];
    Op::apply(part.to[at], Arithmetic<B>(part.from[part.channels == 0 ? at : across(part, at)]));
  }

  /// Where in the other layout the element lies that is at `at` in the layout of `to`.
  ON_DEVICE static int64_t across(const Part<A, B>& part, int64_t at) {
    const int64_t inner = part.to_is_plain ? part.pixels : part.channels,
                  outer = part.to_is_plain ? part.channels : part.pixels;
    const int64_t i = at % inner, o = at / inner % outer, image = at / inner / outer;
    return (image * inner + i) * outer + o;
  }
};

void check(const char* name, const TensorPair& pair) {
  MNEME_CHECK(pair.to.shape() == pair.from.shape() && pair.to.device() == pair.from.device(),
              "{}: {} on {} and {} on {} do not fit together", name, pair.to.shape().text(), name_of(pair.to.device()),
              pair.from.shape().text(), name_of(pair.from.device()));
  MNEME_CHECK(pair.to.layout() == pair.from.layout() ||
                  (pair.to.layout() != Layout::blocked && pair.from.layout() != Layout::blocked),
              "{}: images in blocks of channels cannot be paired with others", name);
}

template <class A, class B>
Part<A, B> part_of(const TensorPair& pair) {
  const bool same = pair.to.layout() == pair.from.layout();
  return {pair.to.data<A>(), pair.from.data<B>(), same ? 0 : static_cast<int32_t>(pair.to.dim(1)),
          same ? 0 : static_cast<int32_t>(pair.to.dim(2) * pair.to.dim(3)), pair.to.layout() == Layout::plain};
}

template <class Op, class A, class B>
void each_of(std::span<const TensorPair> pairs) {
  while (!pairs.empty()) {
    EachPart<Op, A, B> work;
    work.count = static_cast<int>(std::min<size_t>(pairs.size(), work.most));
    for (int k = 0; k < work.count; ++k) {
      work.parts[k] = part_of<A, B>(pairs[static_cast<size_t>(k)]);
      work.begin[k + 1] = work.begin[k] + pairs[static_cast<size_t>(k)].to.size();
    }
    for_each(pairs[0].to.device(), work.begin[work.count], work);
    pairs = pairs.subspan(static_cast<size_t>(work.count));
  }
}

/// Calls do_pairs(A{}, B{}, pairs) once for each combination of types. Only combinations that networks use are known.
template <class DoPairs>
void by_type(std::span<const TensorPair> pairs, const DoPairs& do_pairs) {
  std::vector<TensorPair> wide, narrowing, widening, narrow, exact;
  for (const TensorPair& pair : pairs) {
    const DType to = pair.to.dtype(), from = pair.from.dtype();
    if (to == DType::f32 && from == DType::f32)
      wide.push_back(pair);
    else if (to == DType::bf16 && from == DType::f32)
      narrowing.push_back(pair);
    else if (to == DType::f32 && from == DType::bf16)
      widening.push_back(pair);
    else if (to == DType::bf16 && from == DType::bf16)
      narrow.push_back(pair);
    else if (to == DType::f64 && from == DType::f64)
      exact.push_back(pair);
    else
      fail("foreach: no such pair of types: {} from {}", name_of(to), name_of(from));
  }
  do_pairs(float{}, float{}, wide);
  do_pairs(Bf16{}, float{}, narrowing);
  do_pairs(float{}, Bf16{}, widening);
  do_pairs(Bf16{}, Bf16{}, narrow);
  do_pairs(double{}, double{}, exact);
}

template <class Op>
void each(const char* name, std::span<const TensorPair> pairs) {
  for (const TensorPair& pair : pairs) check(name, pair);
  by_type(pairs, [](auto to, auto from, const std::vector<TensorPair>& some) {
    each_of<Op, decltype(to), decltype(from)>(some);
  });
}

}  // namespace

void foreach_add(std::span<const TensorPair> pairs) { each<AddOne>("foreach_add", pairs); }
void foreach_copy(std::span<const TensorPair> pairs) { each<CopyOne>("foreach_copy", pairs); }

}  // namespace mneme
