#include "incremental/report/contact_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "data/images/image_file.h"
#include "engine/base/error.h"
#include "engine/base/stop.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/png.h"

namespace mneme {
namespace {

constexpr int name_width = 170, gap = 4, title_height = 44, least_width = 560;  // least_width is for the title
constexpr size_t ranks_shown = 10, rows_shown = 200;

std::span<const int> shown(const SheetRow& row) {
  return std::span(row.images).first(std::min(row.images.size(), ranks_shown));
}

/// Images of one size side by side, three bytes per pixel.
std::string strip_of(const std::vector<RawImage>& pictures) {
  const auto width = static_cast<size_t>(pictures[0].width), height = static_cast<size_t>(pictures[0].height),
             line = 3 * width * pictures.size();
  std::vector<std::uint8_t> pixels(line * height);
  for (size_t k = 0; k < pictures.size(); ++k)
    for (size_t y = 0; y < height; ++y)
      for (size_t x = 0; x < width; ++x)
        for (size_t channel = 0; channel < 3; ++channel)
          pixels[y * line + 3 * (k * width + x) + channel] = pictures[k].pixels[(channel * height + y) * width + x];
  return png_image(static_cast<int>(width * pictures.size()), pictures[0].height, pixels);
}

/// The images of the first exemplars of each row; empty for a row without exemplars.
std::vector<std::vector<RawImage>> pictures_of(const std::vector<SheetRow>& rows, const ImageSet& set,
                                               const std::function<RawImage(int image)>& picture) {
  std::vector<std::vector<RawImage>> out;
  for (const SheetRow& row : rows) {
    out.emplace_back();
    for (const int image : shown(row)) {
      MNEME_CHECK(image >= 0 && image < set.size(), "exemplar {} is not among the {} images", image, set.size());
      stop_if_asked();  // an image may have to be decoded
      out.back().push_back(picture ? picture(image) : set.thumbnail(image));
    }
  }
  return out;
}

/// At most `most` of the rows, evenly spaced.
std::vector<SheetRow> evenly(const std::vector<SheetRow>& rows, size_t most) {
  if (rows.size() <= most) return rows;
  std::vector<SheetRow> some;
  for (size_t k = 0; k < most; ++k) some.push_back(rows[k * rows.size() / most]);
  return some;
}

}  // namespace

std::string contact_sheet(const std::vector<SheetRow>& all, const ImageSet& set,
                          const std::function<RawImage(int image)>& picture) {
  const std::vector<SheetRow> rows = evenly(all, rows_shown);
  const std::vector<std::vector<RawImage>> pictures = pictures_of(rows, set, picture);
  size_t most = 0;
  RawImage size;
  for (const std::vector<RawImage>& row : pictures) {
    most = std::max(most, row.size());
    if (!row.empty()) size.height = row[0].height, size.width = row[0].width;
  }
  const int step = size.height + gap,
            width = std::max(least_width, name_width + static_cast<int>(most) * size.width + gap),
            height = title_height + static_cast<int>(rows.size()) * step;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"system-ui,sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{2}\" y=\"18\" fill=\"#17202a\">Exemplars by rank (the first ten), {3} classes of {4}</text>\n",
      width, height, gap,
      all.size() > rows.size() ? fmt::format("{} of {}", rows.size(), all.size()) : std::to_string(rows.size()),
      escaped(set.info.name));
  for (size_t rank = 0; rank < most; ++rank)
    fmt::format_to(std::back_inserter(out), "<text x=\"{}\" y=\"38\" fill=\"#52606d\" font-size=\"11\">{}</text>\n",
                   name_width + static_cast<int>(rank) * size.width, rank);
  for (size_t k = 0; k < rows.size(); ++k) {
    if (pictures[k].empty()) continue;
    const int y = title_height + static_cast<int>(k) * step;
    fmt::format_to(std::back_inserter(out),
                   "<text x=\"{}\" y=\"{}\" fill=\"#17202a\">{}</text>\n"
                   "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" href=\"data:image/png;base64,{}\"/>\n",
                   gap, y + size.height / 2 + 5, escaped(rows[k].class_name), name_width, y,
                   pictures[k].size() * static_cast<size_t>(size.width), size.height, base64(strip_of(pictures[k])));
  }
  return out + "</svg>\n";
}

}  // namespace mneme
