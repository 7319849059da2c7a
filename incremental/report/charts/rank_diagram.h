#pragma once
// Critical-difference diagrams: mean ranks of methods on a line, joined where a test does not tell them apart, as in
// Demšar, JMLR 7, 2006, figure 1.

#include <string>
#include <utility>
#include <vector>

#include "incremental/report/charts/plot_frame.h"

namespace mneme {

/// The content of a diagram.
struct RankDiagram {
  std::string title;                                       ///< the caption
  std::vector<std::pair<std::string, double>> mean_ranks;  ///< name and mean rank, the best (smallest) first
  std::vector<std::pair<std::size_t, std::size_t>> alike;  ///< first and last of methods that are joined
  double critical_difference = 0;                          ///< drawn above the axis
  std::string note;                                        ///< a sentence under the caption; may be empty
  double width = 560;                                      ///< of the drawing, in units
};

/// The size of the drawing, which depends on the number of methods.
ChartSize size_of(const RankDiagram& diagram);
/// Only the drawing.
std::string drawing_of(const RankDiagram& diagram);
/// The diagram as a HTML figure. All texts are escaped.
std::string draw(const RankDiagram& diagram);

}  // namespace mneme
