#include "data/files/npy.h"

#include <doctest/doctest.h>

namespace mneme::test {
namespace {

TEST_CASE("a .npy file has NumPy's magic, a padded header and the numbers in order") {
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  const std::string file = npy_bytes(numbers, {2, 3});
  CHECK(file.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const size_t length = static_cast<unsigned char>(file[8]) + 256u * static_cast<unsigned char>(file[9]);
  CHECK((10 + length) % 64 == 0);
  CHECK(file.substr(10).starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
  CHECK(file[9 + length] == '\n');
  CHECK(file.size() == 10 + length + 24);
  CHECK(file.substr(10 + length, 4) == std::string("\0\0\x80\x3f", 4));
  CHECK(npy_bytes(std::vector<int>{7}, {1}).find("'<i4', 'fortran_order': False, 'shape': (1,), }") !=
        std::string::npos);
  CHECK(npy_bytes(std::vector<int>{}, {0, 5}).find("'shape': (0, 5), }") != std::string::npos);
}

}  // namespace
}  // namespace mneme::test
