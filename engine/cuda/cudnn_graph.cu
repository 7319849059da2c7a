#include "engine/cuda/cudnn_graph.h"

#include <initializer_list>
#include <optional>
#include <span>

#include "engine/cuda/libraries.h"

namespace mneme::cuda {
namespace {

constexpr int64_t alignment = 16;
enum : int64_t { x_id = 1, w_id = 2, y_id = 3 };

// The values are given as numbers, so that headers older than cuDNN 9.8 compile.
constexpr auto device_descriptor = static_cast<cudnnBackendDescriptorType_t>(38);
constexpr auto device_json = static_cast<cudnnBackendAttributeName_t>(2702);
constexpr auto heuristic_device = static_cast<cudnnBackendAttributeName_t>(204);
constexpr auto plan_device = static_cast<cudnnBackendAttributeName_t>(407);

template <class V>
constexpr cudnnBackendAttributeType_t type_of = CUDNN_TYPE_INT64;
template <>
constexpr auto type_of<double> = CUDNN_TYPE_DOUBLE;
template <>
constexpr auto type_of<char> = CUDNN_TYPE_CHAR;
template <>
constexpr auto type_of<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
constexpr auto type_of<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
constexpr auto type_of<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
constexpr auto type_of<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
constexpr auto type_of<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;

/// One of cuDNN's descriptors. Its attributes are set first; then it is finished; then its attributes can be read.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) { CUDA_CHECK(cudnnBackendCreateDescriptor(type, &raw_)); }
  ~Descriptor() {
    if (raw_) cudnnBackendDestroyDescriptor(raw_);
  }
  Descriptor(Descriptor&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Descriptor& operator=(Descriptor&&) = delete;

  template <class V>
  Descriptor& set(cudnnBackendAttributeName_t name, std::initializer_list<V> values) {
    return set_as(name, type_of<V>, values.size(), values.begin());
  }
  Descriptor& set_text(cudnnBackendAttributeName_t name, const std::string& text) {
    return set_as(name, CUDNN_TYPE_CHAR, text.size(), text.data());
  }
  Descriptor& set_pointers(cudnnBackendAttributeName_t name, std::initializer_list<void*> pointers) {
    return set_as(name, CUDNN_TYPE_VOID_PTR, pointers.size(), pointers.begin());
  }
  Descriptor& set_descriptor(cudnnBackendAttributeName_t name, const Descriptor& other) {
    return set_as(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &other.raw_);
  }
  void finish() { CUDA_CHECK(cudnnBackendFinalize(raw_)); }
  /// False if cuDNN cannot do what is described.
  bool can_finish() { return cudnnBackendFinalize(raw_) == CUDNN_STATUS_SUCCESS; }

  template <class V>
  std::vector<V> get(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t most) const {
    std::vector<V> values(static_cast<size_t>(most));
    int64_t count = 0;
    CUDA_CHECK(cudnnBackendGetAttribute(raw_, name, type, most, &count, values.data()));
    values.resize(static_cast<size_t>(std::min(count, most)));
    return values;
  }
  /// Fills descriptors that exist already, and returns how many.
  int64_t get_into(cudnnBackendAttributeName_t name, std::span<const Descriptor> others) const {
    std::vector<cudnnBackendDescriptor_t> raw;
    for (const Descriptor& other : others) raw.push_back(other.raw_);
    int64_t count = 0;
    CUDA_CHECK(cudnnBackendGetAttribute(raw_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<int64_t>(raw.size()),
                                        &count, raw.data()));
    return count;
  }
  int64_t count(cudnnBackendAttributeName_t name) const {
    int64_t count = 0;
    CUDA_CHECK(cudnnBackendGetAttribute(raw_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr));
    return count;
  }
  cudnnBackendDescriptor_t raw() const { return raw_; }

 private:
  Descriptor& set_as(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, size_t count,
                     const void* values) {
    CUDA_CHECK(cudnnBackendSetAttribute(raw_, name, type, static_cast<int64_t>(count), values));
    return *this;
  }
  cudnnBackendDescriptor_t raw_ = nullptr;
};

/// The descriptor of one of the three tensors of a convolution.
Descriptor image(int64_t id, int64_t n, int64_t c, int64_t h, int64_t w, const ConvKey& key) {
  const int64_t image = c * h * w;
  Descriptor d(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  d.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, {id})
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, {alignment})
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, {key.type() == DType::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT});
  d.set(CUDNN_ATTR_TENSOR_DIMENSIONS, {n, c, h, w});
  if (key.layout == Layout::plain)
    d.set(CUDNN_ATTR_TENSOR_STRIDES, {image, h * w, w, int64_t{1}});
  else
    d.set(CUDNN_ATTR_TENSOR_STRIDES, {image, int64_t{1}, w * c, c});
  d.finish();
  return d;
}

Descriptor correlation(const ConvShape& s) {
  Descriptor d(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  d.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, {int64_t{2}}).set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, {CUDNN_DATA_FLOAT});
  d.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, {CUDNN_CROSS_CORRELATION})
      .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {int64_t{1}, int64_t{1}});
  d.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {s.pad, s.pad}).set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {s.pad, s.pad});
  d.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {s.stride, s.stride});
  d.finish();
  return d;
}

/// The names of the same five attributes in the three passes.
struct PassNames {
  cudnnBackendDescriptorType_t operation;
  cudnnBackendAttributeName_t convolution, x, w, y, alpha, beta;
};

PassNames names_of(ConvPass pass) {
  switch (pass) {
    case ConvPass::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    case ConvPass::data:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case ConvPass::weights: break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

Descriptor operation(ConvPass pass, const Descriptor& convolution, const Descriptor& x, const Descriptor& w,
                     const Descriptor& y) {
  const PassNames names = names_of(pass);
  Descriptor d(names.operation);
  d.set_descriptor(names.convolution, convolution)
      .set_descriptor(names.x, x)
      .set_descriptor(names.w, w)
      .set_descriptor(names.y, y);
  d.set(names.alpha, {1.0}).set(names.beta, {0.0});
  d.finish();
  return d;
}

AlgorithmNotes notes_of(const Descriptor& engine) {
  AlgorithmNotes notes;
  for (const auto note : engine.get<cudnnBackendNumericalNote_t>(
           CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT)) {
    notes.tensor_cores |= note == CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    notes.rounds_inputs |= note == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
    notes.reduced_sums |= note == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
    notes.fourier |= note == CUDNN_NUMERICAL_NOTE_FFT;
    notes.winograd |= note == CUDNN_NUMERICAL_NOTE_WINOGRAD;
    notes.unordered |= note == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
  }
  return notes;
}

std::string name_of(const Descriptor& engine, const Descriptor& configuration) {
  std::string name = fmt::format(
      "engine {}", engine.get<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1).at(0));
  std::vector<Descriptor> knobs;
  for (int64_t i = configuration.count(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES); i > 0; --i)
    knobs.emplace_back(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
  configuration.get_into(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, knobs);
  for (const Descriptor& knob : knobs) {
    const auto kinds =
        knob.get<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1);
    const auto values = knob.get<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1);
    if (!kinds.empty() && !values.empty()) name += fmt::format(", {}={}", static_cast<int>(kinds[0]), values[0]);
  }
  return name;
}

}  // namespace

/// cuDNN does not say whether a plan copies what it was made from, so all of that is kept.
struct ConvPlan::Made {
  Descriptor plan, configuration;
  std::shared_ptr<const ConvPlanner> planner;
};

/// A convolution as a graph of one operation, and the engines of cuDNN that can compute it.
class ConvPlanner : public std::enable_shared_from_this<ConvPlanner> {
 public:
  ConvPlanner(const ConvKey& key, const PlanTarget& target)
      : key_(key),
        target_(target),
        device_(described_device(target)),
        convolution_(correlation(key.shape)),
        x_(image(x_id, key.shape.n, key.shape.c, key.shape.h, key.shape.w, key)),
        w_(image(w_id, key.shape.k, key.shape.c, key.shape.r, key.shape.s, key)),
        y_(image(y_id, key.shape.n, key.shape.k, key.shape.out_h(), key.shape.out_w(), key)),
        operation_(operation(key.pass, convolution_, x_, w_, y_)),
        graph_(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR) {
    if (target.handle) graph_.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, {target.handle});
    graph_.set_descriptor(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation_).finish();
  }

  /// Appends plans for the engine configurations that one of cuDNN's heuristics proposes.
  void append(cudnnBackendHeurMode_t mode, size_t most, size_t workspace_limit, std::vector<ConvPlan>& plans) const {
    Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set_descriptor(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph_).set(CUDNN_ATTR_ENGINEHEUR_MODE, {mode});
    if (device_) heuristic.set_descriptor(heuristic_device, *device_);
    if (!heuristic.can_finish()) return;
    std::vector<Descriptor> configurations;
    for (int64_t i = heuristic.count(CUDNN_ATTR_ENGINEHEUR_RESULTS); i > 0; --i)
      configurations.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    const int64_t filled = heuristic.get_into(CUDNN_ATTR_ENGINEHEUR_RESULTS, configurations);
    for (int64_t i = 0; i < filled && plans.size() < most; ++i)
      append_plan(std::move(configurations[static_cast<size_t>(i)]), workspace_limit, plans);
  }

 private:
  static std::optional<Descriptor> described_device(const PlanTarget& target) {
    std::optional<Descriptor> d;
    if (!target.handle) d.emplace(device_descriptor).set_text(device_json, target.described).finish();
    return d;
  }

  void append_plan(Descriptor configuration, size_t workspace_limit, std::vector<ConvPlan>& plans) const {
    Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    configuration.get_into(CUDNN_ATTR_ENGINECFG_ENGINE, {&engine, 1});
    ConvPlan made;
    made.notes_ = notes_of(engine);
    if (!acceptable(made.notes_, key_)) return;
    Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    plan.set_descriptor(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
    if (device_)
      plan.set_descriptor(plan_device, *device_);
    else
      plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, {target_.handle});
    if (!plan.can_finish()) return;
    made.workspace_bytes_ =
        static_cast<size_t>(plan.get<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1).at(0));
    if (made.workspace_bytes_ > workspace_limit) return;
    made.name_ = name_of(engine, configuration);
    made.made_ =
        std::make_shared<ConvPlan::Made>(ConvPlan::Made{std::move(plan), std::move(configuration), shared_from_this()});
    plans.push_back(std::move(made));
  }

  ConvKey key_;
  PlanTarget target_;
  std::optional<Descriptor> device_;
  Descriptor convolution_, x_, w_, y_, operation_, graph_;
};

void ConvPlan::run(cudnnHandle_t handle, void* x, void* w, void* y, void* workspace) const {
  Descriptor pointers(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  pointers.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, {int64_t{x_id}, int64_t{w_id}, int64_t{y_id}});
  pointers.set_pointers(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, {x, w, y})
      .set_pointers(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, {workspace});
  pointers.finish();
  CUDA_CHECK(cudnnBackendExecute(handle, made_->plan.raw(), pointers.raw()));
}

std::vector<ConvPlan> conv_plans(const ConvKey& key, const PlanTarget& target, size_t most, size_t workspace_limit) {
  const auto planner = std::make_shared<ConvPlanner>(key, target);
  std::vector<ConvPlan> plans;
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK})
    planner->append(mode, most, workspace_limit, plans);
  return plans;
}

}  // namespace mneme::cuda
