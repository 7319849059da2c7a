#pragma once
// Note [Memory]
// Three plain mechanisms. Parameters, gradients and momentum of a network are one block each (layers/block.h).
// Activations come from an Arena: freed blocks wait for the next tensor that fills at least half of one, so that after
// the first training steps nothing is asked of the system, and a last small batch or an evaluation finds its memory
// among what training left. Scratch of the CPU's kernels belongs to the backend. Every
// arena counts its bytes, so the "peak" a log prints is a fact.

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace mneme {

struct MemoryUse {
  size_t live = 0;               ///< bytes in tensors now
  size_t peak = 0;               ///< most bytes ever live at once
  size_t reserved = 0;           ///< bytes held from the system, live or waiting for reuse
  uint64_t system_requests = 0;  ///< how often the system was asked; constant once training is in its stride
};

/// Where an arena gets its memory from: the heap, or a device.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  /// Returns nullptr when there is none left. 64-byte aligned.
  virtual void* obtain(size_t bytes) = 0;
  virtual void give_back(void* block) = 0;
  virtual std::string name() const = 0;
};

/// Told of every block that any arena lends or takes back; for tests that watch how memory is used.
class ArenaWatcher {
 public:
  virtual ~ArenaWatcher() = default;
  virtual void lent(void* block, size_t size) = 0;
  /// `bytes` of the block's `size` were asked for. `set_aside`: it stays in a Reserve.
  virtual void returned(void* block, size_t bytes, size_t size, bool set_aside) = 0;
};

/// Caches freed blocks; the smallest that is large enough serves a request. Thread-safe; blocks never move.
class Arena {
  using Waiting = std::map<size_t, std::vector<void*>>;  // by size of the block

 public:
  /// Blocks set aside. While it is open, what is allocated comes from the reserve, or from the arena to stay in the
  /// reserve; when released, at whatever time, it waits there. The reserve's end gives all to the arena.
  class Reserve {
   public:
    explicit Reserve(Arena& arena) : arena_(arena) {}
    ~Reserve();
    Reserve(const Reserve&) = delete;
    Reserve& operator=(const Reserve&) = delete;

    /// Opens a reserve, and closes it. Only one can be open.
    class Open {
     public:
      explicit Open(Reserve& reserve);
      ~Open();
      Open(const Open&) = delete;
      Open& operator=(const Open&) = delete;

     private:
      Arena& arena_;
    };

   private:
    friend class Arena;
    Arena& arena_;
    Waiting waiting_;
  };

  explicit Arena(MemorySource& source) : source_(source) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Throws, saying how much was asked and is held, when the source has no more even after all waiting blocks went
  /// back.
  void* allocate(size_t bytes);
  void release(void* block, size_t bytes);
  /// Returns every waiting block to the source.
  void trim();
  MemoryUse use() const;
  void reset_peak();

  /// There is one watcher at most, which must outlive all arenas; null, the default: none.
  static void watch(ArenaWatcher* watcher);

  /// Sizes are rounded up to eighths of a power of two, at least 64 bytes: at most 12.5 % is lost.
  static size_t rounded(size_t bytes);

 private:
  struct Block {
    size_t size;
    Reserve* owner = nullptr;
  };
  static void* take(Waiting& waiting, size_t size);
  void* obtain(size_t size);
  void give_back_waiting();
  [[noreturn]] void out_of_memory(size_t asked) const;

  MemorySource& source_;
  mutable std::mutex mutex_;
  Waiting waiting_;
  std::unordered_map<void*, Block> blocks_;  // all of them
  Reserve* open_ = nullptr;
  MemoryUse use_;
};

}  // namespace mneme
