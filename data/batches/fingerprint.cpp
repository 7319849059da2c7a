#include "data/batches/fingerprint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/files/checksum.h"

namespace mneme {
namespace {

void add(Sha256& sum, const ImageSet& part) {
  const ImageSetInfo& info = part.info;
  sum.add(fmt::format("{} {}x{}x{} {} images, normalised by {} and {}", info.name, info.channels, info.height,
                      info.width, part.size(), info.normalisation.mean, info.normalisation.std));
  for (const std::string& name : info.class_names) sum.add(fmt::format("{} {}", name.size(), name));
  sum.add({reinterpret_cast<const char*>(part.labels.data()), part.labels.size() * sizeof(int)});
  part.identify_pixels(sum);
}

}  // namespace

std::string fingerprint(const Dataset& data) {
  Sha256 sum;
  add(sum, data.train);
  add(sum, data.test);
  return sum.hex();
}

}  // namespace mneme
