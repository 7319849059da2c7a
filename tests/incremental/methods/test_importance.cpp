// Tests of runs of EWC, SI, MAS and RWalk. The tests of their importances are in tests/incremental/regularisers.

#include <doctest/doctest.h>

#include <cmath>

#include "tests/incremental/methods/method_runs.h"

namespace mneme::test {
namespace {

TEST_CASE("a method whose guard weighs nothing is finetuning") {
  const Finished finetuning = finish(tiny_options("finetuning"));
  for (const char* method : {"ewc", "si", "mas", "rwalk"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options(method);
    set_option(o.method_options, "--lambda", 0);
    CHECK(changed(finetuning.states[1], finish(o).states[1]).empty());
  }
}

TEST_CASE("importance holds the backbone back: the heavier, the nearer to where the first task left it") {
  for (const char* method : {"ewc", "si", "mas", "rwalk"}) {
    CAPTURE(method);
    const auto moved = [&](double lambda) {
      ExperimentOptions o = tiny_options(method);
      o.train.epochs = 4;
      o.train.learning_rate = 0.01;
      o.train.sgd = {};
      o.train.clip_norm = 1;
      set_option(o.method_options, "--lambda", lambda);
      const Finished run = finish(o);
      double squares = 0;
      for (const auto& [name, numbers] : run.states[0])
        if (name.find("running") == std::string::npos && !name.starts_with("heads."))
          for (size_t i = 0; i < numbers.size(); ++i)
            squares += std::pow(double{numbers[i]} - double{run.states[1].at(name)[i]}, 2);
      return squares;
    };
    CHECK(moved(1e5) < 0.9 * moved(0));
  }
}

TEST_CASE("the released forms of importance methods run, and differ") {
  for (const char* method : {"ewc", "mas", "rwalk"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options(method);
    set_option(o.method_options, "--lambda", 10);
    const Finished ours = finish(o);
    set_option(o.method_options, "--as-released", true);
    CHECK(distance(ours.states[1], finish(o).states[1]) > 1e-6);
  }
}

}  // namespace
}  // namespace mneme::test
