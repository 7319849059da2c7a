// Runs the threads of a block as threads of the operating system, so that ThreadSanitizer sees their accesses. Used by
// races.cpp.

#include <barrier>
#include <memory>
#include <thread>
#include <vector>

#include "tests/cuda_stand_in/block.h"

namespace stand_in {
namespace {

struct Warp {
  std::barrier<> meets{warp_size};
  uint64_t given[warp_size] = {};
};
std::unique_ptr<std::barrier<>> whole_block;
std::vector<std::unique_ptr<Warp>> warps;

void run_thread(const Place& block, uint64_t i, const std::function<void()>& thread) {
  here = block;
  here.thread = place_in(block.block_size, i);
  thread();
}

}  // namespace

void run_block(const char*, const Order& order, size_t count, const std::function<void()>& thread) {
  const Place place = here;
  whole_block = std::make_unique<std::barrier<>>(static_cast<std::ptrdiff_t>(count));
  warps.clear();
  for (size_t at = 0; at < count; at += warp_size) warps.push_back(std::make_unique<Warp>());
  std::vector<std::thread> all;
  for (size_t i = 0; i < count; ++i) all.emplace_back([&, i] { run_thread(place, order[i], thread); });
  for (std::thread& each : all) each.join();
}

void barrier() { whole_block->arrive_and_wait(); }

uint64_t exchange(unsigned, uint64_t bits, unsigned from) {
  const size_t me = here.thread.x + here.block_size.x * (here.thread.y + size_t{here.block_size.y} * here.thread.z);
  Warp& warp = *warps[me / warp_size];
  warp.given[me % warp_size] = bits;
  warp.meets.arrive_and_wait();
  const uint64_t got = warp.given[from];
  warp.meets.arrive_and_wait();
  return got;
}

}  // namespace stand_in
