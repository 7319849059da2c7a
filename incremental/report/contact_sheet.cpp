#include "incremental/report/contact_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "engine/error.h"
#include "incremental/report/markup.h"
#include "incremental/report/png.h"

namespace mneme {
namespace {

constexpr int name_width = 170, gap = 4, title_height = 44, least_width = 560;  // of the title
constexpr size_t ranks_shown = 10;

std::span<const int> shown(const SheetRow& row) {
  return std::span(row.images).first(std::min(row.images.size(), ranks_shown));
}

/// Images side by side, as pixels of three bytes.
std::string strip_of(std::span<const int> images, const ResidentImages& set) {
  const auto width = static_cast<size_t>(set.info.width), height = static_cast<size_t>(set.info.height),
             plane = width * height, line = 3 * width * images.size();
  const size_t second = set.info.channels > 1 ? plane : 0;
  std::vector<std::uint8_t> pixels(line * height);
  for (size_t k = 0; k < images.size(); ++k) {
    MNEME_CHECK(images[k] >= 0 && images[k] < set.size(), "exemplar {} is not among the {} images", images[k],
                set.size());
    const std::span<const std::uint8_t> image = set.image(images[k]);
    for (size_t y = 0; y < height; ++y)
      for (size_t x = 0; x < width; ++x)
        for (size_t channel = 0; channel < 3; ++channel)
          pixels[y * line + 3 * (k * width + x) + channel] = image[channel * second + y * width + x];
  }
  return png_image(static_cast<int>(width * images.size()), set.info.height, pixels);
}

}  // namespace

std::string contact_sheet(const std::vector<SheetRow>& rows, const ResidentImages& set) {
  size_t most = 0;
  for (const SheetRow& row : rows) most = std::max(most, shown(row).size());
  const int step = set.info.height + gap,
            width = std::max(least_width, name_width + static_cast<int>(most) * set.info.width + gap),
            height = title_height + static_cast<int>(rows.size()) * step;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"system-ui,sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{2}\" y=\"18\" fill=\"#17202a\">Exemplars by rank (the first ten), {3} classes of {4}</text>\n",
      width, height, gap, rows.size(), escaped(set.info.name));
  for (size_t rank = 0; rank < most; ++rank)
    fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"38\" fill=\"#52606d\" font-size=\"11\">{}</text>\n",
                   name_width + static_cast<int>(rank) * set.info.width, rank);
  for (size_t k = 0; k < rows.size(); ++k) {
    const std::span<const int> images = shown(rows[k]);
    if (images.empty()) continue;
    const int y = title_height + static_cast<int>(k) * step;
    fmt::format_to(std::back_inserter(out),
                   "<text x=\"{}\" y=\"{}\" fill=\"#17202a\">{}</text>\n"
                   "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" href=\"data:image/png;base64,{}\"/>\n",
                   gap, y + set.info.height / 2 + 5, escaped(rows[k].class_name), name_width, y,
                   images.size() * static_cast<size_t>(set.info.width), set.info.height, base64(strip_of(images, set)));
  }
  return out + "</svg>\n";
}

}  // namespace mneme
