#pragma once
// The only code that knows how oneDNN describes a convolution: version 2 uses operation descriptors, version 3 does
// not.

#include <dnnl.hpp>
#include <string>

namespace mneme::direct {

/// Which of a convolution's three tensors is computed from the other two: y, dx or dw.
enum class Pass : uint8_t { forward, data, weights };

/// Memory formats, named in the same way in every pass: x is x or dx, w is w or dw, y is y or dy.
struct ConvFormats {
  dnnl::memory::desc x,  ///< format of x or dx
      w,                 ///< format of w or dw
      y;                 ///< format of y or dy
};

/// A pass that oneDNN has planned.
struct ConvPrimitive {
  dnnl::primitive primitive;      ///< what runs it
  ConvFormats formats;            ///< the formats that the kernel takes
  dnnl::memory::desc scratchpad;  ///< the scratch memory that it needs
  std::string implementation;     ///< oneDNN's name of the kernel
};

namespace detail {

template <class Description>
ConvPrimitive finished(const Description& d, ConvFormats formats) {
  return {dnnl::primitive(d), std::move(formats), d.scratchpad_desc(), d.impl_info_str()};
}

#if DNNL_VERSION_MAJOR >= 3
template <class Convolution, class... Arguments>
auto description(const dnnl::engine& engine, const dnnl::primitive_attr& attributes, Arguments&&... arguments) {
  return typename Convolution::primitive_desc(engine, std::forward<Arguments>(arguments)..., attributes);
}
template <class Convolution, class... Arguments>
auto description_of_gradient(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                             const dnnl::convolution_forward::primitive_desc& forward, Arguments&&... arguments) {
  return typename Convolution::primitive_desc(engine, std::forward<Arguments>(arguments)..., forward, attributes);
}
#else
template <class Convolution, class... Arguments>
auto description(const dnnl::engine& engine, const dnnl::primitive_attr& attributes, Arguments&&... arguments) {
  return typename Convolution::primitive_desc(typename Convolution::desc(std::forward<Arguments>(arguments)...),
                                              attributes, engine);
}
template <class Convolution, class... Arguments>
auto description_of_gradient(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                             const dnnl::convolution_forward::primitive_desc& forward, Arguments&&... arguments) {
  return typename Convolution::primitive_desc(typename Convolution::desc(std::forward<Arguments>(arguments)...),
                                              attributes, engine, forward);
}
#endif

}  // namespace detail

/// Plans one pass. Where a format is format_tag::any, oneDNN chooses it and `formats` of the result holds its choice.
/// Throws dnnl::error if oneDNN cannot compute the pass.
inline ConvPrimitive plan_convolution(const dnnl::engine& engine, Pass pass, const ConvFormats& f, int64_t stride,
                                      int64_t pad) {
  using namespace dnnl;
  const memory::dims strides{stride, stride}, border{pad, pad};
  constexpr auto direct = algorithm::convolution_direct;
  primitive_attr attributes;
  attributes.set_scratchpad_mode(scratchpad_mode::user);
  const auto forward = detail::description<convolution_forward>(engine, attributes, prop_kind::forward_training, direct,
                                                                f.x, f.w, f.y, strides, border, border);
  if (pass == Pass::forward)
    return detail::finished(forward, {forward.src_desc(), forward.weights_desc(), forward.dst_desc()});
  if (pass == Pass::data) {
    const auto d = detail::description_of_gradient<convolution_backward_data>(engine, attributes, forward, direct, f.x,
                                                                              f.w, f.y, strides, border, border);
    return detail::finished(d, {d.diff_src_desc(), d.weights_desc(), d.diff_dst_desc()});
  }
  const auto d = detail::description_of_gradient<convolution_backward_weights>(engine, attributes, forward, direct, f.x,
                                                                               f.w, f.y, strides, border, border);
  return detail::finished(d, {d.src_desc(), d.diff_weights_desc(), d.diff_dst_desc()});
}

}  // namespace mneme::direct
