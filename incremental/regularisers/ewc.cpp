#include "incremental/regularisers/gradient_pass.h"
#include "incremental/regularisers/importance_penalty.h"

namespace mneme {
namespace {

class FisherPenalty final : public ImportancePenalty {
 public:
  explicit FisherPenalty(const ImportanceOptions& options) : ImportancePenalty(options.strength), options_(options) {}

 private:
  void update_importance(const TaskEnd& end, const Tensor&) override {
    fuse(importance_, fisher_information(end, options_), options_.alpha, end.task);
  }
  ImportanceOptions options_;
};

}  // namespace

RegulariserPointer fisher_penalty(const ImportanceOptions& options) { return std::make_shared<FisherPenalty>(options); }

}  // namespace mneme
