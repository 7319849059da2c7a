#pragma once
// Note [Class order]
// An order lists dataset classes in the sequence in which they are learned: order[k] is the class learned k-th, and the
// internal label of a class is its position in the order. An order shorter than the set restricts the set to its
// classes. Some codes use a list the other way round, label = list[class] ("map semantics"); `inverse_order` turns one
// into the other.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// 0, 1, ..., classes - 1.
std::vector<int> identity_order(int classes);

/// NumpyRandom(seed).permutation(classes). Seed 1993 gives LUCIR's order for 100 and for 1000 classes.
std::vector<int> numpy_order(int classes, uint64_t seed);

/// iCaRL's own CIFAR-100 order and PODNet's first: seed 1993, drawn after 100 shuffles of 500 images each.
std::vector<int> podnet_order(int classes);

/// The 300 of ImageNet-32's 1000 classes that FACIL chose (imagenet_32_reduced), in its order.
std::vector<int> facil_300_order();

/// result[order[k]] = k, for an order of all classes.
std::vector<int> inverse_order(std::span<const int> order);

/// label_of[class] = position in the order, or -1 if the order leaves the class out.
std::vector<int> labels_by_class(std::span<const int> order, int classes);

/// Throws UsageError unless the classes in `order` are different and in [0, classes). `source` begins the message.
void check_order(std::span<const int> order, int classes, std::string_view source);

/// Class numbers separated by commas or white space, each with quotes around it or not. Throws UsageError, beginning
/// with `source`, for anything else, and as check_order does.
std::vector<int> parse_order(std::string_view text, int classes, std::string_view source);
/// Reads such an order from a text file. Lines that begin with # are comments. Throws Error as read_text
/// (data/files/text_lines.h) does, and UsageError as parse_order does.
std::vector<int> read_order(const std::filesystem::path& file, int classes);

/// The order a user asks for. `text` is one of
///
///   identity     0, 1, 2, ...
///   icarl        seed 1993 (FACIL's cifar100_icarl, LUCIR, this project's default)
///   podnet       see podnet_order
///   ssil         seed 0 with map semantics, as in SS-IL's released code
///   shuffled     NumPy shuffle by the run's `seed` (FACIL's cifar100)
///   shuffled:N   the same by seed N
///   facil-300    the 300 classes of ImageNet-32 that FACIL learns
///   4,8,15       the classes themselves
///   a file       see read_order
///
/// Throws UsageError otherwise, with the nearest name.
std::vector<int> class_order(const std::string& text, int classes, uint64_t seed);

/// Σ_k (k+1) order[k], a fingerprint for logs and tests.
int64_t order_checksum(std::span<const int> order);

}  // namespace mneme
