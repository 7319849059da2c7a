#include "layers/classifier.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/gradcheck.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

CosineHeads two_heads(Factory& factory) {
  CosineHeads heads(4, factory);
  heads.add_classes(2, factory);
  heads.add_classes(3, factory);
  return heads;
}

TEST_CASE("a cosine head's logits are eta times the cosine, whatever the lengths of features and weights") {
  Factory factory(1, Device::reference, DType::f64);
  CosineHeads heads(2, factory);
  heads.add_classes(1, factory);
  heads.add_classes(2, factory);
  heads.weights[0].copy_from(row({5, 0}));
  heads.weights[1].copy_from(f64({2, 2}, {0, -3, 0.1, 0.1}));
  heads.scale.copy_from(f64({1}, {4}));
  const double half = std::sqrt(0.5);
  for (const double length : {1.0, 1000.0}) {
    const Scores scores = heads.forward(row({length * 3, length * 4}));
    const Values expected = {0.6, -0.8, (0.6 + 0.8) * half};
    for (size_t k = 0; k < 3; ++k) {
      CHECK(scores.cosines.values()[k] == doctest::Approx(expected[k]).epsilon(1e-12));
      CHECK(scores.logits.values()[k] == doctest::Approx(4 * expected[k]).epsilon(1e-12));
    }
  }
}

TEST_CASE("a feature of length zero has cosine zero with everything") {
  Factory factory(1, Device::reference, DType::f64);
  const CosineHeads heads = two_heads(factory);
  CHECK(heads.forward(row({0, 0, 0, 0})).logits.values() == Values(5, 0.0));
}

TEST_CASE("a cosine classifier's parameters: one weight per head without bias, one scale for all") {
  Factory factory(1, Device::cpu);
  CosineHeads heads = two_heads(factory);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : named_state(heads)) names.push_back(name + " " + tensor.shape().text());
  CHECK(names == std::vector<std::string>{"heads.0.weight (2, 4)", "heads.1.weight (3, 4)", "scale (1)"});
  CHECK(heads.scale.item() == 1);
  for (const float w : heads.weights[1].floats()) CHECK(std::abs(w) <= 0.5f);
  CHECK(heads.part_of("heads.0.weight") == Part::old_classes);
  CHECK(heads.part_of("heads.1.weight") == Part::new_classes);
  CHECK(heads.part_of("scale") == Part::scale);
}

TEST_CASE("head 1 is not head 10") {
  Factory factory(1, Device::cpu);
  LinearHeads heads(2);
  for (int t = 0; t < 11; ++t) heads.add_classes(1, factory);
  CHECK(heads.part_of("heads.1.weight") == Part::old_classes);
  CHECK(heads.part_of("heads.10.bias") == Part::new_classes);
}

TEST_CASE("the gradients of a cosine head are those of central differences, scale included") {
  const OpRow row{"cosine heads",
                  {numbers({3, 4}, Draw::off_zero), numbers({2, 4}, Draw::off_zero), numbers({1, 4}, Draw::off_zero),
                   given({1}, {1.7})},
                  [](const std::vector<Tensor>& in) {
                    Factory factory(1, Device::reference, DType::f64);
                    CosineHeads heads(4, factory);
                    heads.weights = {in[1], in[2]};
                    heads.scale = in[3];
                    return heads.forward(in[0]).logits;
                  }};
  const std::string fault = gradient_fault(row);
  CHECK_MESSAGE(fault.empty(), fault);
}

TEST_CASE(
    "imprinting points new weights where their images' features point, as long as the old weights are on average") {
  Factory factory(1, Device::cpu);
  CosineHeads heads(2, factory);
  heads.add_classes(2, factory);
  heads.weights[0].copy_from(f64({2, 2}, {3, 0, 0, 1}));
  heads.add_classes(2, factory);
  heads.imprint({{{10, 0}, {0, 0.1f}}, {{-2, 0}}}, {});
  const std::vector<float> w = heads.weights[1].floats();
  CHECK(w[0] == doctest::Approx(2 * std::sqrt(0.5)));
  CHECK(w[1] == doctest::Approx(2 * std::sqrt(0.5)));
  CHECK(w[2] == doctest::Approx(-2));
  CHECK(w[3] == doctest::Approx(0).scale(1));
  CHECK(heads.weights[0].floats() == std::vector<float>{3, 0, 0, 1});
}

TEST_CASE("what cannot be imprinted says so") {
  Factory factory(1, Device::cpu);
  LinearHeads linear(2);
  linear.add_classes(1, factory);
  CHECK_THROWS_WITH_AS(linear.imprint({{{1, 2}}}, {}), doctest::Contains("choose cosine heads"), Error);
  CosineHeads cosine(2, factory);
  cosine.add_classes(2, factory);
  CHECK_THROWS_WITH_AS(cosine.imprint({{{1, 2}}}, {}), "imprint: features of 1 classes for 2 new ones", Error);
  CHECK_THROWS_WITH_AS(cosine.imprint({{{1, 2}}, {}}, {}), "imprint: a new class has no images", Error);
}

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-9).scale(1); }

/// The score, before its scale, of one feature vector for a class with these proxies.
double similarity(const Values& feature, const std::vector<Values>& proxies) {
  Factory factory(1, Device::reference, DType::f64);
  const auto size = static_cast<int64_t>(feature.size());
  ProxyHeads heads(size, factory, static_cast<int>(proxies.size()));
  heads.add_classes(1, factory);
  Values rows;
  for (const Values& proxy : proxies) rows.insert(rows.end(), proxy.begin(), proxy.end());
  heads.weights[0].copy_from(f64({static_cast<int64_t>(proxies.size()), size}, rows));
  return heads.forward(row(feature)).cosines.item();
}

TEST_CASE("proxies by the book: nearness weighed by its own softmax") {
  CHECK(similarity({3, 4}, {{1, 0}, {0, 2}}) == doctest::Approx(-.5605249).epsilon(1e-6));
  CHECK(similarity({3, 4}, {{1, 1}, {-1, 0}}) == doctest::Approx(-.1470719).epsilon(1e-6));
  // With cosines c, our form is 2 sum softmax(2 c) c - 2; the paper's form, with softmax(c), gives .7099668.
  const double a = .6, b = .8, ea = std::exp(2 * a), eb = std::exp(2 * b);
  CHECK(similarity({3, 4}, {{1, 0}, {0, 2}}) == near(2 * (ea * a + eb * b) / (ea + eb) - 2));
}

TEST_CASE("one proxy is a cosine, equal proxies are one, and their order and lengths do not matter") {
  CHECK(similarity({3, 4}, {{1, 0}}) == near(2 * .6 - 2));
  CHECK(similarity({3, 4}, {{1, 0}, {5, 0}, {.1, 0}}) == near(2 * .6 - 2));
  const double once = similarity({3, 4}, {{1, 0}, {0, 2}, {1, 1}});
  CHECK(similarity({3, 4}, {{1, 1}, {1, 0}, {0, 2}}) == near(once));
  CHECK(similarity({30, 40}, {{7, 0}, {0, .2}, {9, 9}}) == near(once));
  CHECK(similarity({1, 0}, {{2, 0}, {3, 0}}) == near(0));
  CHECK(similarity({1, 0}, {{-2, 0}, {-3, 0}}) == near(-4));
}

TEST_CASE("proxy heads have so many weights per class, one scale, and logits are that times the scores") {
  Factory factory(1, Device::cpu);
  ProxyHeads heads(4, factory);
  heads.add_classes(2, factory);
  heads.add_classes(3, factory);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : named_state(heads)) names.push_back(name + " " + tensor.shape().text());
  CHECK(names == std::vector<std::string>{"heads.0.weight (20, 4)", "heads.1.weight (30, 4)", "scale (1)"});
  CHECK(heads.part_of("heads.0.weight") == Part::old_classes);
  CHECK(heads.part_of("heads.1.weight") == Part::new_classes);
  CHECK(heads.part_of("scale") == Part::scale);
  heads.scale.copy_from(f64({1}, {3}));
  REQUIRE(heads.class_weights().size() == 5);
  CHECK(heads.class_weights()[4].length == 3);
  const Tensor features = Tensor::from(Values{1, -2, 3, 0.5, 0, 0, 0, 0}, {2, 4}, factory.options());
  const Scores scores = heads.forward(features);
  CHECK(scores.logits.shape() == Shape{2, 5});
  for (size_t i = 0; i < 10; ++i) {
    CHECK(scores.logits.values()[i] == doctest::Approx(3 * scores.cosines.values()[i]));
    CHECK(scores.cosines.values()[i] >= -4);
    CHECK(scores.cosines.values()[i] <= 0);
  }
  double squares = 0;
  for (const double w : heads.weights[1].values()) squares += w * w;
  CHECK(squares / 120 == doctest::Approx(1.0 / 4).epsilon(0.4).scale(0));  // N(0, 1/D)
}

TEST_CASE("new proxies are clusters of their images' directions, as long as old proxies are on average") {
  Factory factory(1, Device::cpu);
  ProxyHeads heads(2, factory, 2);
  heads.add_classes(1, factory);
  heads.weights[0].copy_from(f64({2, 2}, {3, 0, 0, 1}));
  heads.add_classes(2, factory);
  const RandomKey key = random_key(1, Stream::clusters);
  heads.imprint({{{10, 0}, {5, 0}, {0, 0.1f}}, {{-2, 0}, {0, -7}}}, key);
  const std::vector<float> w = heads.weights[1].floats();
  for (size_t proxy = 0; proxy < 4; ++proxy) {
    const float x = w[2 * proxy], y = w[2 * proxy + 1];
    const float sign = proxy < 2 ? 1 : -1;  // the two proxies of the first class come before those of the second
    const bool along_x = std::abs(x - 2 * sign) < 1e-5f && std::abs(y) < 1e-5f,
               along_y = std::abs(y - 2 * sign) < 1e-5f && std::abs(x) < 1e-5f;
    CHECK_MESSAGE((along_x || along_y), x, " ", y);
  }
  CHECK(w[0] != w[2]);
  CHECK(w[4] != w[6]);
  CHECK(heads.weights[0].floats() == std::vector<float>{3, 0, 0, 1});
  CHECK_THROWS_WITH_AS(heads.imprint({{{1, 2}}}, key), "imprint: features of 1 classes for 2 new ones", Error);
}

TEST_CASE("corrected heads draw a line through each head's logits, which at first is none") {
  Factory factory(1, Device::reference, DType::f64), twin(1, Device::reference, DType::f64);
  CorrectedHeads heads(4);
  LinearHeads plain(4);
  for (const int classes : {2, 3}) {
    heads.add_classes(classes, factory);
    plain.add_classes(classes, twin);
  }
  const Tensor f = row({0.5, -1, 2, 0.25});
  const Values before = plain.forward(f).logits.values();
  CHECK(heads.forward(f).logits.values() == before);
  heads.alpha[1].copy_from(f64({1}, {0.5}));
  heads.beta[1].copy_from(f64({1}, {3}));
  const Values after = heads.forward(f).logits.values();
  for (size_t k = 0; k < 5; ++k) CHECK(after[k] == doctest::Approx(k < 2 ? before[k] : 0.5 * before[k] + 3));
  CHECK(heads.part_of("heads.0.bias") == Part::old_classes);
  CHECK(heads.part_of("heads.1.bias") == Part::new_classes);
  CHECK(heads.part_of("correction.0.alpha") == Part::settled);
  CHECK(heads.part_of("correction.1.beta") == Part::correction);
  CHECK(named_state(heads).size() == 8);
}

TEST_CASE("weights that were reserved are those that a growing head would have drawn, and wait without a score") {
  Factory factory(1, Device::reference, DType::f64), twin(1, Device::reference, DType::f64);
  LinearHeads whole(4), grown(4);
  whole.reserve(std::vector{2, 3}, factory);
  whole.add_classes(2, factory);
  grown.add_classes(2, twin);
  const Tensor f = row({0.5, -1, 2, 0.25});
  CHECK(whole.forward(f).logits.values() == grown.forward(f).logits.values());
  CHECK(whole.class_weights().size() == 2);
  CHECK(whole.part_of("heads.0.weight") == Part::new_classes);
  CHECK(whole.part_of("heads.1.weight") == Part::later_classes);
  CHECK(named_state(whole).size() == 4);
  const std::unique_ptr<Classifier> copy = whole.copy();
  CHECK(named_state(*copy).size() == 4);
  whole.add_classes(3, factory);
  grown.add_classes(3, twin);
  CHECK(whole.forward(f).logits.values() == grown.forward(f).logits.values());
  CHECK(whole.part_of("heads.0.bias") == Part::old_classes);
  CHECK(whole.part_of("heads.1.bias") == Part::new_classes);
  whole.add_classes(1, factory);  // more tasks than were reserved
  grown.add_classes(1, twin);
  CHECK(whole.forward(f).logits.values() == grown.forward(f).logits.values());
}

TEST_CASE("a task of another size than its reserved weights is refused, and so are reserved cosines") {
  Factory factory(1, Device::reference, DType::f64);
  LinearHeads heads(4);
  heads.reserve(std::vector{2, 3}, factory);
  CHECK_THROWS_WITH_AS(heads.add_classes(3, factory), "weights of 2 classes are reserved for a task of 3", Error);
  CosineHeads cosines(4, factory);
  CHECK_THROWS_WITH_AS(cosines.reserve(std::vector{2}, factory), doctest::Contains("leave out --classifier"),
                       UsageError);
}

TEST_CASE("class weights are those that reach the logits: of a head, with its correction, of a cosine its scale") {
  Factory factory(1, Device::cpu);
  CorrectedHeads heads(2);
  heads.add_classes(2, factory);
  heads.add_classes(1, factory);
  heads.heads[0].weight.copy_from(f64({2, 2}, {3, 4, 0, 2}));
  heads.heads[0].bias.copy_from(f64({2}, {0.5, -1}));
  heads.heads[1].weight.copy_from(f64({1, 2}, {6, 8}));
  heads.heads[1].bias.copy_from(f64({1}, {2}));
  heads.alpha[1].copy_from(f64({1}, {-0.5}));
  heads.beta[1].copy_from(f64({1}, {4}));
  const std::vector<ClassWeight> plain = heads.LinearHeads::class_weights(), corrected = heads.class_weights();
  const auto check = [](const ClassWeight& weight, double length, double bias) {
    CHECK(weight.length == doctest::Approx(length));
    CHECK(weight.bias == doctest::Approx(bias));
  };
  REQUIRE(plain.size() == 3);
  REQUIRE(corrected.size() == 3);
  for (const auto& all : {plain, corrected}) check(all[0], 5, 0.5), check(all[1], 2, -1);
  check(plain[2], 10, 2);
  check(corrected[2], 5, 3);

  CosineHeads cosine = two_heads(factory);
  cosine.scale.copy_from(f64({1}, {7}));
  REQUIRE(cosine.class_weights().size() == 5);
  for (const ClassWeight& weight : cosine.class_weights()) check(weight, 7, 0);
}

TEST_CASE("renewing takes back scales and corrections, and nothing of a copy") {
  Factory factory(1, Device::cpu);
  CosineHeads cosine(4, factory);
  cosine.add_classes(2, factory);
  cosine.scale.copy_from(Tensor::full({1}, 7, cosine.scale.options()));
  CorrectedHeads corrected(4);
  for (const double value : {2.0, 3.0}) {
    corrected.add_classes(2, factory);
    corrected.alpha.back().copy_from(Tensor::full({1}, value, factory.options()));
    corrected.beta.back().copy_from(Tensor::full({1}, value, factory.options()));
  }
  const std::unique_ptr<Classifier> kept = corrected.copy();
  own_state(*kept);
  const std::vector<float> weights = corrected.heads[0].weight.floats();
  cosine.reset();
  corrected.reset();
  CHECK(cosine.scale.item() == 1);
  for (const size_t task : {0, 1}) {
    CHECK(corrected.alpha[task].item() == 1);
    CHECK(corrected.beta[task].item() == 0);
    CHECK(static_cast<CorrectedHeads&>(*kept).alpha[task].item() == 2 + static_cast<double>(task));
  }
  CHECK(corrected.heads[0].weight.floats() == weights);
}

TEST_CASE("kinds of classifiers have names") {
  Factory factory(1, Device::cpu);
  for (const ClassifierKind kind :
       {ClassifierKind::linear, ClassifierKind::cosine, ClassifierKind::corrected, ClassifierKind::proxies}) {
    CHECK(classifier_named(name_of(kind)) == kind);
    const std::unique_ptr<Classifier> made = make_classifier(kind, 4, factory);
    made->add_classes(2, factory);
    CHECK(made->forward(Tensor::zeros({1, 4}, factory.options())).logits.shape() == Shape{1, 2});
  }
  CHECK_THROWS_WITH_AS((void)classifier_named("cosines"), doctest::Contains("did you mean 'cosine'?"), UsageError);
}

TEST_CASE("classifiers hand out each task's weights without copying them") {
  Factory factory(1, Device::cpu);
  LinearHeads linear(4);
  linear.add_classes(2, factory);
  linear.add_classes(3, factory);
  const CosineHeads cosine = two_heads(factory);
  const Tensor features = Tensor::zeros({1, 4}, factory.options());
  CHECK(linear.forward(features).weights[1].raw() == linear.heads[1].weight.raw());
  CHECK(cosine.forward(features).weights[0].raw() == cosine.weights[0].raw());
}

}  // namespace
}  // namespace mneme::test
