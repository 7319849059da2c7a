#include "engine/cpu/onednn_plan.h"

#include <omp.h>

namespace mneme::direct {

using dnnl::memory;

namespace {

const dnnl::stream& the_stream() {
  static thread_local const dnnl::stream stream(the_engine());
  return stream;
}

using tag = memory::format_tag;

memory::desc x_format(const ConvShape& s, tag format) { return {{s.n, s.c, s.h, s.w}, memory::data_type::f32, format}; }
memory::desc w_format(const ConvShape& s, tag format) { return {{s.k, s.c, s.r, s.s}, memory::data_type::f32, format}; }
memory::desc y_format(const ConvShape& s, tag format) {
  return {{s.n, s.k, s.out_h(), s.out_w()}, memory::data_type::f32, format};
}

tag tag_of(Layout layout) {
  return layout == Layout::plain ? tag::nchw : layout == Layout::blocked ? tag::nChw16c : tag::nhwc;
}
tag liked(int64_t channels) { return channels % block_lanes == 0 ? tag::nChw16c : tag::nchw; }

/// Uses our own layouts where oneDNN has a fast kernel for them, otherwise the formats that oneDNN prefers.
ConvPrimitive best_plan(Pass pass, const ConvShape& s, const std::optional<memory::desc>& w) {
  const memory::desc weights = w.value_or(w_format(s, tag::any));
  const ConvFormats ours{x_format(s, liked(s.c)), weights, y_format(s, liked(s.k))};
  ConvPrimitive plan = plan_convolution(the_engine(), pass, ours, s.stride, s.pad);
  if (plan.implementation.rfind("ref", 0) != 0) return plan;
  return plan_convolution(the_engine(), pass, {x_format(s, tag::any), weights, y_format(s, tag::any)}, s.stride, s.pad);
}

/// A memory object without an address; every run sets the address.
memory placeless(const memory::desc& format) { return memory(format, the_engine(), nullptr); }

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

const dnnl::engine& the_engine() {
  static const auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);  // never destroyed: static objects use it
  return *engine;
}

OneThread::OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
OneThread::~OneThread() { omp_set_num_threads(before_); }

Conversion::Conversion(const memory::desc& from, const memory::desc& to) {
  if (from == to) return;
  from_ = placeless(from), to_ = placeless(to);
  reorder_.emplace(from_, to_);
}

void Conversion::run(void* from, void* to) {
  from_.set_data_handle(from);
  to_.set_data_handle(to);
  reorder_->execute(the_stream(), from_, to_);
}

Plan::Plan(Pass pass, const ConvShape& s, Layout x, Layout y, const std::optional<memory::desc>& w)
    : pass_(pass), given_{x_format(s, tag_of(x)), w_format(s, tag::oihw), y_format(s, tag_of(y))} {
  const OneThread alone;
  plan_ = best_plan(pass, s, w);
}

Plan::Seat Plan::new_seat() const {
  const auto conversion = [](bool is_result, const memory::desc& given, const memory::desc& chosen) {
    return is_result ? Conversion(chosen, given) : Conversion(given, chosen);
  };
  const ConvFormats& chosen = plan_.formats;
  Seat seat{placeless(chosen.x),
            placeless(chosen.w),
            placeless(chosen.y),
            placeless(plan_.scratchpad),
            conversion(pass_ == Pass::data, given_.x, chosen.x),
            conversion(pass_ == Pass::forward, given_.y, chosen.y),
            {}};
  seat.arguments = {{pass_ == Pass::data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, seat.x},
                    {pass_ == Pass::weights ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, seat.w},
                    {pass_ == Pass::forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, seat.y},
                    {DNNL_ARG_SCRATCHPAD, seat.scratchpad}};
  return seat;
}

void Plan::seat(int workers) {
  const OneThread alone;
  while (static_cast<int>(seats_.size()) < workers) seats_.push_back(new_seat());
}

void Plan::run(int worker, Scratch& scratch, float* x, float* w, float* y) {
  const OneThread alone;
  Seat& seat = seats_[static_cast<size_t>(worker)];
  const size_t for_kernel = aligned(plan_.scratchpad.get_size()),
               for_x = seat.convert_x.needed() ? aligned(plan_.formats.x.get_size()) : 0,
               for_y = seat.convert_y.needed() ? plan_.formats.y.get_size() : 0;
  char* const space = static_cast<char*>(scratch.bytes(for_kernel + for_x + for_y));
  void* const kernel_x = for_x ? space + for_kernel : static_cast<void*>(x);
  void* const kernel_y = for_y ? space + for_kernel + for_x : static_cast<void*>(y);
  if (for_x && pass_ != Pass::data) seat.convert_x.run(x, kernel_x);
  if (for_y && pass_ != Pass::forward) seat.convert_y.run(y, kernel_y);
  seat.x.set_data_handle(kernel_x);
  seat.w.set_data_handle(w);
  seat.y.set_data_handle(kernel_y);
  seat.scratchpad.set_data_handle(space);
  plan_.primitive.execute(the_stream(), seat.arguments);
  if (for_x && pass_ == Pass::data) seat.convert_x.run(kernel_x, x);
  if (for_y && pass_ == Pass::forward) seat.convert_y.run(kernel_y, y);
}

}  // namespace mneme::direct
