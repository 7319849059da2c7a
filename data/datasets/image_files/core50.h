#pragma once
// CORe50: Lomonaco and Maltoni, "CORe50: a New Dataset and Benchmark for Continuous Object Recognition", CoRL 2017. 50
// objects of ten kinds, filmed in eleven sessions, 128x128 pixels. Its scenario of new classes (NC) learns ten objects
// and then five at a time, in nine batches, and has ten runs, which differ in the order of the batches. Sessions 3, 7
// and 10 are for testing.

#include <cstdint>
#include <filesystem>

#include "data/images/image_folder.h"

namespace mneme {

/// The number of published orders of the classes, each with its own lists of training images.
inline constexpr int core50_runs = 10;

/// Options of the reader.
struct Core50Options {
  int run = 0;           ///< 0 to core50_runs - 1
  int64_t skip_bad = 0;  ///< how many bad files may be left out before it is an error
};

/// Finds a run in `folder` or folder/core50, as it is given out:
///
///   core50_128x128/sN/oM/*.png                                    session N, object M, from 1
///   batches_filelists/NC_inc/runR/train_batch_00_filelist.txt     to train_batch_08: "sN/oM/FILE.png label" a line
///   batches_filelists/NC_inc/runR/test_filelist.txt               the same
///
/// or the lists train.txt and test.txt (data/images/list_file.h). A class's label is its place in the run: batch by
/// batch, the objects of a batch by their numbers. So the order `identity` with ten classes first, in nine tasks, is
/// the published run. Its name is the object's: "plug_adapter1". Nothing is decoded. Throws one Error for all that is
/// wrong: missing files, lines and paths of another form, objects in two batches, batches of another number of objects,
/// labels that do not fit to the objects, images listed twice, and more than `skip_bad` absent, empty or unreadable
/// images.
ImageFileSplit find_core50(const std::filesystem::path& folder, const Core50Options& options = {});

}  // namespace mneme
