// The build without libmatio.
#include "data/files/mat_file.h"
#include "engine/base/error.h"

namespace mneme {

bool can_read_mat() { return false; }

std::vector<MatArray> read_mat_arrays(const std::filesystem::path& file, const std::vector<std::string>&) {
  fail("{}: this build does not read MATLAB files: install libmatio-dev, then configure and build again",
       file.string());
}

}  // namespace mneme
