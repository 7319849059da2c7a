#include <CLI/CLI.hpp>

#include <memory>

#include "apps/report/verbs.h"
#include "apps/trained/model_verb.h"

namespace mneme {

Verb add_model(CLI::App& program) {
  const auto flags = std::make_shared<ModelFlags>();
  return {add_model_verb(program, *flags), [flags] { show_model(*flags); }};
}

}  // namespace mneme
