#pragma once
// Measures how fast one thread decodes and resizes images, and how long a large set takes to open.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace mneme {

/// Processor seconds for all JPEG and PNG files of a folder, which are read into memory before: decoded in full,
/// decoded at the smallest scale whose short side is 256 or more, decoded by stb_image, and decoded and resized to 224
/// x 224.
nlohmann::json time_images(const std::filesystem::path& folder);

/// The seconds until a pack of `images` images in 1000 classes is open and identified, and the memory that its index
/// takes.
nlohmann::json time_pack_index(int64_t images);

}  // namespace mneme
