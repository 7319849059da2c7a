#pragma once
// How fast pictures are decoded and resized, on one thread, and how soon a large set is there.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace mneme {

/// Processor seconds for all JPEG and PNG files of a folder, read into memory before: decoded, decoded at a part of the
/// size with a short side of 256 or more, decoded by stb_image, and decoded and resized to 224 x 224.
nlohmann::json time_images(const std::filesystem::path& folder);

/// Seconds until a pack of so many pictures in 1000 classes is open and identified, and the memory its index takes.
nlohmann::json time_pack_index(int64_t pictures);

}  // namespace mneme
