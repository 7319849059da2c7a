#pragma once

#include <filesystem>

namespace mneme {

/// Unpacks a tar archive (plain or compressed) into an existing folder. Only plain files and folders inside that folder
/// are written; throws Error at the first entry that is a link or a device, or whose name would leave the folder.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder);

}  // namespace mneme
