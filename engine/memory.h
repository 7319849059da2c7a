#pragma once
// Note [Memory]
// Three mechanisms provide memory. The parameters, gradients and momentum of a network are one block each
// (layers/block.h). Activations come from an Arena. It keeps freed blocks for later tensors that fill at least half of
// a block. So after the first training steps nothing is requested from the system, and the smaller last batch or an
// evaluation finds its memory among the blocks that training left. The kernels of the CPU have scratch memory that
// belongs to their backend. Every arena counts its bytes, so that the "peak" in a log is measured and not estimated.

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace mneme {

/// What an arena has counted.
struct MemoryUse {
  size_t live = 0;      ///< bytes in tensors now
  size_t peak = 0;      ///< the largest number of bytes that were live at once
  size_t reserved = 0;  ///< bytes obtained from the system, in use or kept for reuse
  uint64_t system_requests =
      0;  ///< how often memory was requested from the system; constant after the first training steps
};

/// Where an arena gets its memory from: the heap, or a device.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  /// A block of at least `bytes` bytes, aligned to 64 bytes; nullptr when there is none left.
  virtual void* obtain(size_t bytes) = 0;
  /// Frees a block that obtain() returned.
  virtual void give_back(void* block) = 0;
  /// The name for messages, e.g. "the CPU".
  virtual std::string name() const = 0;
};

/// Told of every block that any arena lends or takes back; for tests that watch how memory is used.
class ArenaWatcher {
 public:
  virtual ~ArenaWatcher() = default;
  /// A block of `size` bytes was lent.
  virtual void lent(void* block, size_t size) = 0;
  /// `bytes` of the block's `size` were asked for. `set_aside`: the block stays in a Reserve.
  virtual void returned(void* block, size_t bytes, size_t size, bool set_aside) = 0;
};

/// Keeps freed blocks for reuse. The smallest kept block that is large enough serves a request. Thread-safe; blocks
/// never move.
class Arena {
  using Waiting = std::map<size_t, std::vector<void*>>;  // free blocks by their size

 public:
  /// Blocks that are set aside for one purpose. While a reserve is open, every allocation takes a free block of the
  /// reserve, or else a block of the arena, which from then on belongs to the reserve. A block of the reserve returns
  /// to the reserve when it is released, even after the reserve was closed. When the reserve is destroyed, all its
  /// blocks go to the arena.
  class Reserve {
   public:
    /// An empty reserve.
    explicit Reserve(Arena& arena) : arena_(arena) {}
    /// Gives all blocks to the arena.
    ~Reserve();
    Reserve(const Reserve&) = delete;
    Reserve& operator=(const Reserve&) = delete;

    /// Opens a reserve while it is alive. Only one reserve can be open at a time.
    class Open {
     public:
      /// Opens `reserve`.
      explicit Open(Reserve& reserve);
      /// Closes the reserve.
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

  /// An arena without blocks; `source` must outlive it.
  explicit Arena(MemorySource& source) : source_(source) {}
  /// Returns all free blocks to the source.
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A block of at least `bytes` bytes. If the source has no more, all free blocks are returned to it first. Throws
  /// Error if that does not help; the message says how much was requested and how much is in use.
  void* allocate(size_t bytes);
  /// Frees a block that allocate(bytes) returned, with the same number of bytes.
  void release(void* block, size_t bytes);
  /// Returns every free block to the source.
  void trim();
  /// What this arena has counted so far.
  MemoryUse use() const;
  /// Starts to measure the peak anew, from the bytes that are live now.
  void reset_peak();

  /// Sets the one watcher of all arenas; it must outlive them. Null, the default, means none.
  static void watch(ArenaWatcher* watcher);

  /// The size of the block that serves a request, in bytes: rounded up to an eighth of a power of two, and at least 64.
  /// At most 12.5 % is lost beyond 512 bytes.
  static size_t rounded(size_t bytes);

 private:
  struct Block {
    size_t size;
    Reserve* owner = nullptr;
  };
  static void* take(Waiting& waiting, size_t size);
  void* obtain(size_t size);
  void give_back_waiting();
  [[noreturn]] void out_of_memory(size_t requested) const;

  MemorySource& source_;
  mutable std::mutex mutex_;
  Waiting waiting_;
  std::unordered_map<void*, Block> blocks_;  // every block, in use or free
  Reserve* open_ = nullptr;
  MemoryUse use_;
};

}  // namespace mneme
