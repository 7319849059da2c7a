#pragma once
// A model card: what a reader must know about a model, as Markdown.

#include <string>

#include "incremental/models/model_file.h"

namespace mneme {

/// The card of the model in the file `name`. It begins with the front matter (YAML) that model hubs read.
std::string model_card(const ModelContent& model, const std::string& name);

}  // namespace mneme
