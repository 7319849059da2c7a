#include "incremental/losses/features.h"

#include "engine/choose.h"
#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

const Tensor& cosines_of(const NetOutput& output, const char* term) {
  MNEME_CHECK(output.scores.cosines, "{} needs a cosine classifier", term);
  return output.scores.cosines;
}

class LessForget final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    return cosine_distance(batch.student.features.pooled, batch.teacher->features.pooled);
  }
};

class PodSpatial final : public TeacherTerm {
 public:
  explicit PodSpatial(bool apart) : of_map_(apart ? pod_spatial_apart : pod_spatial) {}
  Tensor loss(const BatchView& batch) override {
    const std::vector<Tensor>&maps = batch.student.features.maps, &old = batch.teacher->features.maps;
    Tensor total;
    for (size_t i = 0; i < maps.size(); ++i) {
      const Tensor of_map = of_map_(to_float(maps[i]), to_float(old[i]));
      total = total ? add(total, of_map) : of_map;
    }
    return scale(total, 1 / static_cast<double>(maps.size()));
  }

 private:
  Tensor (*of_map_)(const Tensor& student, const Tensor& teacher);
};

class Topology final : public TeacherTerm {
 public:
  explicit Topology(int vertices) : vertices_(vertices) {}
  int exemplars_beside() const override { return vertices_; }
  Tensor loss(const BatchView& batch) override {
    if (!batch.exemplars) return Tensor::full({}, 0, batch.task.tensor_options);  // in validation, or without a memory
    const auto similarities = [](const NetOutput& output) {
      const Tensor directions = normalize_rows(output.features.pooled);
      return matmul(directions, directions, Transpose::second);
    };
    return topology(similarities(batch.exemplars->student), similarities(batch.exemplars->teacher));
  }

 private:
  int vertices_;
};

class CosineMimicking final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const Tensor old = slice_columns(cosines_of(batch.student, "cosine mimicking"), 0, batch.task.old_classes());
    return squared_distance(old, batch.teacher->scores.cosines);
  }
};

class MarginRanking final : public LossTerm {
 public:
  explicit MarginRanking(const MarginOptions& options) : options_(options) {}
  bool active(const TaskContext& task) const override { return task.task > 0; }
  Tensor loss(const BatchView& batch) override {
    Tensor cosines = cosines_of(batch.student, "margin ranking");
    if (options_.trains_scale) cosines = div(batch.student.scores.logits, batch.student.scores.scale.detach());
    return margin_ranking(cosines, batch.labels, batch.task.old_classes(), options_.margin, options_.hardest);
  }

 private:
  MarginOptions options_;
};

class BinaryFeatureDistillation final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    return binary_distillation(batch.student.features.pooled, batch.teacher->features.pooled);
  }
};

/// The first `classes` rows of the weights of all heads, (classes, D), without gradients.
Tensor weights_of(const Scores& scores, int64_t classes) {
  MNEME_CHECK(!scores.weights.empty(),
              "attention needs one weight per class and feature: choose linear or cosine heads");
  const Tensor& first = scores.weights.at(0);
  Tensor all = Tensor::empty({classes, first.dim(1)}, first.options());
  int64_t at = 0;
  for (const Tensor& weight : scores.weights) {
    if (at >= all.size()) break;
    Tensor::view(all, at, weight.shape()).copy_from(weight);
    at += weight.size();
  }
  return all;
}

/// The class with the largest logit among the first `classes` classes, i32 (N).
Tensor likeliest(const Scores& scores, int64_t classes) {
  const Tensor logits = slice_columns(scores.logits.detach(), 0, classes);
  return topk(logits, 1).reshaped({logits.dim(0)});
}

double pixels_of(const Tensor& map) { return static_cast<double>(map.dim(2) * map.dim(3)); }

class AttentionDistillation final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const int old = batch.task.old_classes();
    const Tensor chosen = likeliest(batch.student.scores, old);
    const auto map = [&](const NetOutput& output) {
      const Tensor features = to_float(output.features.maps.back());
      const Tensor weights = index_select(weights_of(output.scores, old), chosen);
      return attention_map(features, scale(weights, 1 / pixels_of(features)));
    };
    return attention_distance(map(batch.student), map(*batch.teacher));
  }
};

class DetachedAttention final : public TeacherTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    NoGrad numbers_only;
    const Tensor gap = abs(sub(map_of(batch.student), map_of(*batch.teacher)));
    return scale(sum(gap), 1 / static_cast<double>(gap.dim(0)));
  }

 private:
  static Tensor map_of(const NetOutput& output) {
    const Tensor features = to_float(output.features.maps.back());
    const int64_t batch = features.dim(0), classes = output.scores.logits.dim(1), channels = features.dim(1);
    const Tensor chosen = index_select(weights_of(output.scores, classes), likeliest(output.scores, classes));
    const auto n = static_cast<double>(batch);
    const Tensor shared = scale(sum_to_size(chosen, {1, channels}), 1 / (n * n * pixels_of(features)));
    return attention_map(features, add(Tensor::zeros({batch, channels}, shared.options()), shared));
  }
};

}  // namespace

TermPointer less_forget() { return std::make_shared<LessForget>(); }
TermPointer pod_spatial_term(bool apart) { return std::make_shared<PodSpatial>(apart); }
TermPointer topology_term(int vertices) { return std::make_shared<Topology>(vertices); }
TermPointer cosine_mimicking() { return std::make_shared<CosineMimicking>(); }
TermPointer margin_ranking_term(const MarginOptions& options) { return std::make_shared<MarginRanking>(options); }
TermPointer binary_feature_distillation() { return std::make_shared<BinaryFeatureDistillation>(); }
TermPointer attention_distillation() { return std::make_shared<AttentionDistillation>(); }
TermPointer detached_attention() { return std::make_shared<DetachedAttention>(); }

}  // namespace mneme
