#include "incremental/memory/sampling.h"

#include <cmath>
#include <numeric>

#include "engine/base/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, Sampling> names[] = {{"shuffled", Sampling::shuffled},
                                                      {"memory", Sampling::memory},
                                                      {"classes", Sampling::classes},
                                                      {"ratio", Sampling::ratio},
                                                      {"split", Sampling::split}};

/// The random draws of an epoch. permutation() uses draw 0 of every sample, so these start at draw 1.
struct Draws {
  RandomKey key;
  uint32_t task, epoch;

  int below(size_t n, int64_t sample, uint32_t draw) const {
    const RandomCounter at{task, epoch, static_cast<uint32_t>(sample), draw};
    return static_cast<int>(uniform_int(key, at, static_cast<uint32_t>(n)));
  }
};

using Groups = std::vector<std::vector<int>>;

/// The positions of the images, grouped by `group_of(label)`. Empty groups are left out.
template <class GroupOf>
Groups groups_of(const Subset& subset, int groups, const GroupOf& group_of) {
  Groups all(static_cast<size_t>(groups));
  for (size_t i = 0; i < subset.size(); ++i)
    all[static_cast<size_t>(group_of(subset.labels[i]))].push_back(static_cast<int>(i));
  std::erase_if(all, [](const std::vector<int>& group) { return group.empty(); });
  return all;
}

/// For each place: one group at random, then one of its members at random.
std::vector<int> draw_equally(const Groups& groups, size_t count, const Draws& draws) {
  std::vector<int> order;
  for (size_t i = 0; i < count; ++i) {
    const auto at = static_cast<int64_t>(i);
    const std::vector<int>& group = groups[static_cast<size_t>(draws.below(groups.size(), at, 1))];
    order.push_back(group[static_cast<size_t>(draws.below(group.size(), at, 2))]);
  }
  return order;
}

/// Goes through `members` repeatedly, each time in a new random order.
class Turns {
 public:
  Turns(std::vector<int> members, const Draws& draws, uint32_t group)
      : members_(std::move(members)), draws_(draws), draw_(group + 1), at_(members_.size()) {}

  int next() {
    if (at_ == members_.size()) shuffle();
    return members_[at_++];
  }

 private:
  void shuffle() {
    for (size_t i = members_.size(); i-- > 1;)
      std::swap(members_[i], members_[static_cast<size_t>(draws_.below(i + 1, static_cast<int64_t>(i), draw_))]);
    draw_ += 2;  // two groups use draws, one the odd numbers and one the even
    at_ = 0;
  }

  std::vector<int> members_;
  Draws draws_;
  uint32_t draw_;
  size_t at_;
};

/// The exemplars and new images of a complete batch, at least one of each. For Sampling::ratio the exemplars are
/// round(share batch_size) of the batch; for Sampling::split their number is fixed and added to the batch.
struct MixedBatch {
  int64_t replayed, new_images;

  MixedBatch(const SamplingOptions& o, int batch_size) : replayed(o.replay_batch), new_images(batch_size) {
    if (o.kind == Sampling::split) return;
    replayed = std::clamp<int64_t>(std::lround(o.replay_share * batch_size), 1, std::max(1, batch_size - 1));
    new_images = std::max<int64_t>(1, batch_size - replayed);
  }
  /// Exemplars that go with this many new images.
  int64_t beside(int64_t images) const {
    return std::lround(static_cast<double>(replayed * images) / static_cast<double>(new_images));
  }
};

std::vector<int> keep_ratio(const std::vector<int>& old, const std::vector<int>& new_images, const MixedBatch& batch,
                            const Draws& draws) {
  Turns olds(old, draws, 0), news(new_images, draws, 1);
  std::vector<int> order;
  for (auto left = static_cast<int64_t>(new_images.size()); left > 0; left -= batch.new_images) {
    const int64_t here = std::min(left, batch.new_images);
    for (int64_t i = 0; i < here; ++i) order.push_back(news.next());
    for (int64_t i = 0; i < batch.beside(here); ++i) order.push_back(olds.next());
  }
  return order;
}

bool mixes(Sampling kind) { return kind == Sampling::ratio || kind == Sampling::split; }

/// The size of an epoch with its incomplete last batch.
EpochSize whole_epoch(const SamplingOptions& options, int64_t exemplars, int64_t new_images, int batch_size) {
  if (!mixes(options.kind) || exemplars == 0 || new_images == 0) return {exemplars + new_images, batch_size};
  const MixedBatch batch(options, batch_size);
  return {new_images + new_images / batch.new_images * batch.replayed + batch.beside(new_images % batch.new_images),
          batch.new_images + batch.replayed};
}

std::vector<int> every_batch(const SamplingOptions& options, const Subset& subset, const Groups& parts,
                             const TaskContext& task, int batch_size, const Draws& draws) {
  if (options.kind == Sampling::shuffled || parts.size() < 2)
    return permutation(draws.key, draws.task, draws.epoch, static_cast<int>(subset.size()));
  if (mixes(options.kind)) return keep_ratio(parts[0], parts[1], {options, batch_size}, draws);
  if (options.kind == Sampling::memory) return draw_equally(parts, subset.size(), draws);
  return draw_equally(groups_of(subset, task.classes(), [](int label) { return label; }), subset.size(), draws);
}

}  // namespace

Sampling sampling_named(const std::string& name) { return choose_by_name("sampler", name, names); }

EpochOrder epoch_order(const SamplingOptions& options, const Subset& subset, const TaskContext& task, int batch_size,
                       RandomKey key, uint32_t epoch) {
  const int old_classes = task.old_classes();
  const Groups parts = groups_of(subset, 2, [&](int label) { return label < old_classes ? 0 : 1; });
  const auto exemplars = parts.size() < 2 ? size_t{0} : parts[0].size();
  const auto new_images = static_cast<int64_t>(subset.size() - exemplars);
  const EpochSize size = epoch_size(options, static_cast<int64_t>(exemplars), new_images, batch_size);
  EpochOrder order{
      every_batch(options, subset, parts, task, batch_size, {key, static_cast<uint32_t>(task.task), epoch}),
      size.per_batch};
  order.positions.resize(static_cast<size_t>(size.images));
  return order;
}

EpochSize epoch_size(const SamplingOptions& options, int64_t exemplars, int64_t new_images, int batch_size) {
  EpochSize size = whole_epoch(options, exemplars, new_images, batch_size);
  const bool splits = options.kind == Sampling::split && exemplars > 0 && new_images > 0;
  if ((options.drop_last || splits) && size.images > size.per_batch) size.images -= size.images % size.per_batch;
  return size;
}

std::vector<int> draw_some(int n, int count, const std::function<uint32_t(uint32_t)>& draw) {
  std::vector<int> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  for (uint32_t i = 0; i < static_cast<uint32_t>(count); ++i)
    std::swap(all[i], all[i + draw(static_cast<uint32_t>(n) - i)]);
  all.resize(static_cast<size_t>(count));
  return all;
}

BatchRequest draw_beside(const std::vector<int>& images, int count, RandomKey key, const BatchDraws& batch) {
  const int all = static_cast<int>(images.size());
  uint32_t drawn = 0;
  const auto draw = [&](uint32_t n) {
    return uniform_int(key, {batch.task, batch.epoch, batch.first_sample, drawn++}, n);
  };
  BatchRequest request;
  for (const int i : draw_some(all, std::min(all, count), draw))
    request.images.push_back(images[static_cast<size_t>(i)]);
  return request;
}

}  // namespace mneme
