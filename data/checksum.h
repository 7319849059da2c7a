#pragma once

#include <filesystem>
#include <string>

namespace mneme {

/// The MD5 of a file's bytes as 32 hexadecimal digits. MD5 because that is what the data sets' authors publish; it
/// finds damage, not forgery. Throws Error if the file cannot be read.
std::string md5_of_file(const std::filesystem::path& file);

}  // namespace mneme
