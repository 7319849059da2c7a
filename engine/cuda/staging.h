#pragma once
// Note [Pinned staging]
// A GPU copies at full speed, and without the host waiting, only from memory that cannot be paged out. So host memory
// passes through a ring of such blocks: copy_in() returns when the bytes are in the ring, not when they have arrived; a
// block is used again only after the transfer it last served is done. The ring is long enough for the small copies of
// several training steps (indices, labels), so that the host can run ahead of the GPU.

#include <cstddef>
#include <cstdint>

namespace mneme::cuda {

/// What the ring asks of a device. Transfers are done in the order they were started in.
class Transfers {
 public:
  virtual ~Transfers() = default;
  virtual int blocks() const = 0;
  virtual size_t block_bytes() const = 0;
  virtual char* block(int i) = 0;
  virtual void start_in(void* to, int from_block, size_t bytes) = 0;
  virtual void start_out(int to_block, const void* from, size_t bytes) = 0;
  /// Returns when the block's last transfer is done; at once if it had none.
  virtual void wait(int block) = 0;
};

/// Copies of any size between pageable host memory and a device. For one thread at a time.
class Staging {
 public:
  explicit Staging(Transfers& transfers) : transfers_(transfers) {}
  /// When it returns, `host` may be reused.
  void copy_in(void* to, const void* host, size_t bytes);
  /// When it returns, the bytes are in `host`, and all work queued before is done.
  void copy_out(void* host, const void* from, size_t bytes);

 private:
  int block_of(int64_t piece) const { return static_cast<int>(piece % transfers_.blocks()); }

  Transfers& transfers_;
  int64_t next_ = 0;  // pieces so far: piece i uses block i mod blocks()
};

}  // namespace mneme::cuda
