// The device's memory: one range of addresses that the host cannot access. Every block has whole pages and ends in
// guard bytes. No address is used twice, so that memory that was freed stays inaccessible.

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "engine/memory.h"
#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/runtime.h"

namespace stand_in {
namespace {

constexpr size_t page = 4096, large_page = size_t{2} << 20, guard_bytes = 64, address_space = size_t{1} << 42,
                 default_limit = size_t{8} << 30;
constexpr unsigned char fill = 0xFF;  // these bytes are NaN as f32, f64 and bf16

struct Run {
  char *begin, *end;
};

struct Memory {
  char* base = nullptr;
  size_t used = 0, given = 0, limit = default_limit;
  std::map<char*, size_t> blocks;  // the number of bytes that the caller asked for
  std::map<char*, size_t> pinned;
  std::vector<Run> runs;  // bytes of all pages in use
  int accesses = 0;
  const char* activity = "the host";
};

Memory& memory() {
  static auto* const all = new Memory;
  return *all;
}

size_t whole_pages(size_t bytes) { return (bytes + page - 1) / page * page; }
size_t footprint(size_t bytes) { return whole_pages(bytes + guard_bytes); }

/// Kernels are compiled so that an access which is not aligned traps.
void explain_trap(int signal, siginfo_t*, void*) {
  char text[200];
  const int length =
      std::snprintf(text, sizeof text, "stand-in: %s made an access that is not aligned\n", memory().activity);
  if (write(STDERR_FILENO, text, static_cast<size_t>(length)) < 0) _exit(1);
  ::signal(signal, SIG_DFL);
  raise(signal);
}

/// A segmentation fault alone would not say who made the access.
void explain_bad_access(int signal, siginfo_t* info, void*) {
  char text[200];
  const auto* at = static_cast<char*>(info->si_addr);
  const Memory& m = memory();
  if (m.base && at >= m.base && at < m.base + address_space) {
    const int length = std::snprintf(
        text, sizeof text, "stand-in: %s touched device memory at %p, which is %s\n", m.activity, info->si_addr,
        m.accesses > 0 ? "not allocated (any more)" : "the device's: host code must copy it out first");
    if (write(STDERR_FILENO, text, static_cast<size_t>(length)) < 0) _exit(1);
  }
  ::signal(signal, SIG_DFL);
  raise(signal);
}

void reserve_addresses(Memory& m) {
  void* const at =
      mmap(nullptr, address_space + large_page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) stop("no addresses for the device's memory");
  m.base = static_cast<char*>(at);
  // Changing the protection of memory takes most of the system's time: it is changed for large pages where it can be.
  m.base += (large_page - reinterpret_cast<uintptr_t>(m.base) % large_page) % large_page;
  (void)madvise(m.base, address_space, MADV_HUGEPAGE);
  explain_bad_accesses();
}

void allow(const Run& run, bool access) {
  if (mprotect(run.begin, static_cast<size_t>(run.end - run.begin), access ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
    stop("the protection of the device's memory cannot be changed");
}

void update_runs(Memory& m) {
  m.runs.clear();
  for (const auto& [begin, bytes] : m.blocks) {
    if (!m.runs.empty() && m.runs.back().end == begin)
      m.runs.back().end += footprint(bytes);
    else
      m.runs.push_back({begin, begin + footprint(bytes)});
  }
}

bool all_filled(const char* from, size_t bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(from);
  return bytes == 0 || (at[0] == fill && std::memcmp(at, at + 1, bytes - 1) == 0);
}

void check_guard(char* block, size_t bytes) {
  if (!all_filled(block + bytes, footprint(bytes) - bytes))
    stop("something was written behind the end of a block of %zu bytes of device memory", bytes);
}

/// Watches the blocks of the arena: the bytes behind the end of a tensor, and blocks that nobody holds, must keep their
/// filling. The checks run as work of the stream, because the rule holds at that moment.
class ArenaChecks final : public mneme::ArenaWatcher {
 public:
  void lent(void* block, size_t size) override {
    if (!in_device_memory(block)) return;
    const std::lock_guard lock(runtime_lock());
    char* const at = static_cast<char*>(block);
    const bool known = untouched_.erase(at) > 0 && !captures(last_stream());
    then("arena: lent", [=] {
      if (known && !all_filled(at, size))
        stop("device memory was written to after it was given back to the arena (a block of %zu bytes)", size);
      std::memset(at, fill, size);
    });
  }
  void returned(void* block, size_t bytes, size_t size, bool set_aside) override {
    if (!in_device_memory(block)) return;
    const std::lock_guard lock(runtime_lock());
    char* const at = static_cast<char*>(block);
    // Not recorded: at a later launch of the graph the block may belong to somebody else.
    if (!set_aside && captures(last_stream())) return;
    if (!set_aside) untouched_[at] = size;
    then("arena: returned", [=] {
      if (!all_filled(at + bytes, size - bytes))
        stop("something was written behind the end of a tensor of %zu bytes", bytes);
      if (!set_aside) std::memset(at, fill, size);
    });
  }
  void forget(void* block) { untouched_.erase(static_cast<char*>(block)); }

 private:
  static void then(const char* name, std::function<void()> run) {
    if (last_stream()) (void)submit(last_stream(), {name, 0, std::move(run)});
  }
  std::map<char*, size_t> untouched_;
};

ArenaChecks& arena_checks() {
  static auto* const checks = new ArenaChecks;
  return *checks;
}

cudaError_t give_back(Memory& m, char* block) {
  const auto found = m.blocks.find(block);
  if (found == m.blocks.end()) return cudaErrorInvalidValue;
  finish_all();
  {
    const DeviceAccess access;
    check_guard(block, found->second);
  }
  const size_t bytes = footprint(found->second);
  if (mprotect(block, bytes, PROT_NONE) != 0 || madvise(block, bytes, MADV_DONTNEED) != 0)
    stop("device memory cannot be given back to the system");
  m.given -= found->second;
  m.blocks.erase(found);
  update_runs(m);
  arena_checks().forget(block);
  return cudaSuccess;
}

}  // namespace

DeviceAccess::DeviceAccess() {
  Memory& m = memory();
  if (m.accesses++ > 0) return;
  for (const Run& run : m.runs) allow(run, true);
}

DeviceAccess::~DeviceAccess() {
  Memory& m = memory();
  if (--m.accesses > 0) return;
  for (const Run& run : m.runs) allow(run, false);
  m.activity = "the host";
}

void set_activity(const char* name) { memory().activity = name; }

bool in_device_memory(const void* at) {
  const Memory& m = memory();
  return m.base && at >= m.base && at < m.base + address_space;
}

void check_device_range(const char* function, const void* at, size_t bytes) {
  Memory& m = memory();
  auto block = m.blocks.upper_bound(static_cast<char*>(const_cast<void*>(at)));
  if (block != m.blocks.begin()) {
    --block;
    if (static_cast<const char*>(at) + bytes <= block->first + block->second) return;
  }
  stop("%s is given %p and %zu bytes, which is not within a block of device memory", function, at, bytes);
}

bool pinned(const void* at, size_t bytes) {
  Memory& m = memory();
  auto block = m.pinned.upper_bound(static_cast<char*>(const_cast<void*>(at)));
  return block != m.pinned.begin() && static_cast<const char*>(at) + bytes <= (--block)->first + block->second;
}

void explain_bad_accesses() {
  struct sigaction action = {};
  action.sa_sigaction = explain_bad_access;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  action.sa_sigaction = explain_trap;
  sigaction(SIGILL, &action, nullptr);
}

void limit_memory(size_t bytes) { memory().limit = bytes ? bytes : default_limit; }

cudaError_t allocate(void** block, size_t bytes) {
  return call("cudaMalloc", [&] {
    Memory& m = memory();
    *block = nullptr;
    if (bytes > m.limit || m.given + bytes > m.limit) return cudaErrorMemoryAllocation;
    if (!m.base) reserve_addresses(m);
    if (m.used + footprint(bytes) > address_space) stop("the device's addresses are used up");
    char* const at = m.base + m.used;
    m.used += footprint(bytes);
    m.given += bytes;
    m.blocks[at] = bytes;
    allow({at, at + footprint(bytes)}, true);
    std::memset(at, fill, footprint(bytes));
    if (m.accesses == 0) allow({at, at + footprint(bytes)}, false);
    update_runs(m);
    mneme::Arena::watch(&arena_checks());
    *block = at;
    return cudaSuccess;
  });
}

cudaError_t allocate_pinned(void** block, size_t bytes) {
  return call("cudaMallocHost", [&] {
    *block = std::aligned_alloc(page, whole_pages(bytes));
    memory().pinned[static_cast<char*>(*block)] = bytes;
    return cudaSuccess;
  });
}

}  // namespace stand_in

using namespace stand_in;

cudaError_t cudaFree(void* block) {
  return call("cudaFree", [&] {
    if (!block) return cudaSuccess;
    if (const cudaError_t error = refuse_in_any_capture(); error != cudaSuccess) return error;
    return give_back(memory(), static_cast<char*>(block));
  });
}

cudaError_t cudaFreeHost(void* block) {
  return call("cudaFreeHost", [&] {
    if (!block) return cudaSuccess;
    finish_all();
    if (memory().pinned.erase(static_cast<char*>(block)) == 0) return cudaErrorInvalidValue;
    std::free(block);
    return cudaSuccess;
  });
}
