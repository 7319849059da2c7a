#pragma once
// Note [Pinned staging]
// A GPU copies at full speed, and without making the host wait, only from host memory that cannot be paged out
// ("pinned"). So copies pass through a ring of pinned blocks. copy_in() returns when the bytes are in the ring, which
// may be before they have arrived on the GPU. A block is reused only after its last transfer is done. The ring is long
// enough for the small copies of several training steps (indices, labels), so that the host can run ahead of the GPU.

#include <cstddef>
#include <cstdint>

namespace mneme::cuda {

/// What the ring needs from a device. Transfers are done in the order in which they were started.
class Transfers {
 public:
  virtual ~Transfers() = default;
  /// The number of pinned blocks.
  virtual int blocks() const = 0;
  /// The size of a block in bytes.
  virtual size_t block_bytes() const = 0;
  /// The address of block i.
  virtual char* block(int i) = 0;
  /// Starts a copy from a block to the device.
  virtual void start_in(void* to, int from_block, size_t bytes) = 0;
  /// Starts a copy from the device to a block.
  virtual void start_out(int to_block, const void* from, size_t bytes) = 0;
  /// Returns when the last transfer of the block is done; at once if there was none.
  virtual void wait(int block) = 0;
};

/// Copies of any size between pageable host memory and a device. Only one thread may use it at a time.
class Staging {
 public:
  /// Copies through the blocks of `transfers`, which must outlive this object.
  explicit Staging(Transfers& transfers) : transfers_(transfers) {}
  /// Copies to the device. When it returns, `host` may be reused.
  void copy_in(void* to, const void* host, size_t bytes);
  /// Copies to the host. When it returns, the bytes have arrived, and all work queued before is done.
  void copy_out(void* host, const void* from, size_t bytes);

 private:
  int block_of(int64_t piece) const { return static_cast<int>(piece % transfers_.blocks()); }

  Transfers& transfers_;
  int64_t next_ = 0;  // number of pieces so far; piece i uses block i mod blocks()
};

}  // namespace mneme::cuda
