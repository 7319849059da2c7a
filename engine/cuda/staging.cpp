#include "engine/cuda/staging.h"

#include <algorithm>
#include <cstring>

namespace mneme::cuda {

void Staging::copy_in(void* to, const void* host, size_t bytes) {
  for (size_t at = 0; at < bytes; at += transfers_.block_bytes()) {
    const size_t count = std::min(bytes - at, transfers_.block_bytes());
    const int block = block_of(next_++);
    transfers_.wait(block);
    std::memcpy(transfers_.block(block), static_cast<const char*>(host) + at, count);
    transfers_.start_in(static_cast<char*>(to) + at, block, count);
  }
}

void Staging::copy_out(void* host, const void* from, size_t bytes) {
  const size_t piece_bytes = transfers_.block_bytes();
  const int64_t pieces = static_cast<int64_t>((bytes + piece_bytes - 1) / piece_bytes), first = next_;
  const auto start_of = [=](int64_t piece) { return static_cast<size_t>(piece) * piece_bytes; };
  const auto size_of = [=](int64_t piece) { return std::min(bytes - start_of(piece), piece_bytes); };
  const auto collect = [&](int64_t piece) {
    const int block = block_of(first + piece);
    transfers_.wait(block);
    std::memcpy(static_cast<char*>(host) + start_of(piece), transfers_.block(block), size_of(piece));
  };
  const int64_t ahead = transfers_.blocks();
  for (int64_t piece = 0; piece < pieces; ++piece) {
    if (piece >= ahead) collect(piece - ahead);
    const int block = block_of(next_++);
    transfers_.wait(block);
    transfers_.start_out(block, static_cast<const char*>(from) + start_of(piece), size_of(piece));
  }
  for (int64_t piece = std::max<int64_t>(0, pieces - ahead); piece < pieces; ++piece) collect(piece);
}

}  // namespace mneme::cuda
