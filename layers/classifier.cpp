#include "layers/classifier.h"

namespace mneme {

Scores LinearHeads::forward(const Tensor& features) const {
  std::vector<Tensor> parts;
  for (const Linear& head : heads) parts.push_back(head(features));
  return {parts.size() == 1 ? parts[0] : concat_columns(parts)};
}

void LinearHeads::each_state(const std::string& at, const Visit& visit) {
  for (size_t i = 0; i < heads.size(); ++i) heads[i].each_state(join(at, "heads." + std::to_string(i)), visit);
}

}  // namespace mneme
