#include <algorithm>
#include <cctype>
#include <filesystem>

#include "apps/report/picture.h"
#include "engine/base/error.h"

namespace mneme {

PictureFormat picture_format(const std::string& file) {
  std::string ending = std::filesystem::path(file).extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".svg") return PictureFormat::svg;
  if (ending == ".pdf") return PictureFormat::pdf;
  if (ending == ".png") return PictureFormat::png;
  fail_usage("--out {}: a figure is written as .svg, .pdf or .png", file);
}

}  // namespace mneme
