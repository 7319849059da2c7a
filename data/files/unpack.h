#pragma once

#include <filesystem>

namespace mneme {

/// Unpacks a tar archive (plain or compressed) or a ZIP archive into an existing folder. Only plain files and folders
/// inside that folder are written. Throws Error if the archive is damaged or none, if the disk is full, and at the
/// first entry that is a link or a device, or whose name would leave the folder.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder);

}  // namespace mneme
