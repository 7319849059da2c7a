// A block's threads as fibers on one thread of the system.
//
// A fiber takes one thread of the block after the other for as long as none of them waits; a kernel without barriers is
// therefore a plain loop. A thread that waits keeps its fiber, and the rest of the threads go on in another one.

#include <setjmp.h>
#include <ucontext.h>

#include <array>
#include <memory>
#include <vector>

#include "tests/cuda_stand_in/block.h"

namespace stand_in {
namespace {

enum class State : uint8_t { not_started, runs, at_barrier, at_exchange, done };

struct Fiber {
  jmp_buf place;
  ucontext_t start;
  std::unique_ptr<char[]> stack;
  bool begun = false;
};

/// The state of the running block. Only one block runs at a time.
struct Running {
  const char* kernel = "";
  const Order* order = nullptr;
  const std::function<void()>* thread = nullptr;
  size_t count = 0, started = 0, done = 0, at_barrier = 0;
  std::array<State, most_threads> state;
  std::array<Fiber*, most_threads> fiber_of;
  // Two buffers for the values that lanes exchange, used in turn.
  std::array<std::array<uint64_t, most_threads>, 2> given;
  std::array<uint8_t, most_threads> exchanges;
  std::array<unsigned, most_threads / warp_size> warp_waits, warp_done;
  std::vector<unsigned> complete_warps;  // a barrier at which the lanes of a warp wait for each other's values
  size_t current = 0;
  Fiber* fiber = nullptr;
};
Running block;
jmp_buf scheduler;
std::vector<std::unique_ptr<Fiber>> all_fibers;
std::vector<Fiber*> idle_fibers;
constexpr size_t stack_bytes = 64 << 10;

unsigned lanes_of(size_t warp) {
  return static_cast<unsigned>(std::min<size_t>(warp_size, block.count - warp * warp_size));
}

void start_thread(size_t thread) {
  block.current = thread;
  block.state[thread] = State::runs;
  here.thread = place_in(here.block_size, thread);
  (*block.thread)();
  block.state[block.current] = State::done;
  ++block.done;
  ++block.warp_done[block.current / warp_size];
}

/// The body of every fiber. It never ends.
void fiber_main() {
  for (;;) {
    while (block.started < block.count) start_thread((*block.order)[block.started++]);
    idle_fibers.push_back(block.fiber);
    if (_setjmp(block.fiber->place) == 0) _longjmp(scheduler, 1);
  }
}

Fiber* an_idle_fiber() {
  if (idle_fibers.empty()) {
    auto made = std::make_unique<Fiber>();
    made->stack = std::make_unique<char[]>(stack_bytes);
    idle_fibers.push_back(made.get());
    all_fibers.push_back(std::move(made));
  }
  Fiber* const fiber = idle_fibers.back();
  idle_fibers.pop_back();
  return fiber;
}

/// Switches to the fiber, and returns when the fiber waits or has no thread left to run.
void go_on(Fiber* fiber) {
  block.fiber = fiber;
  if (_setjmp(scheduler) != 0) return;
  if (fiber->begun) _longjmp(fiber->place, 1);
  fiber->begun = true;
  getcontext(&fiber->start);
  fiber->start.uc_stack.ss_sp = fiber->stack.get();
  fiber->start.uc_stack.ss_size = stack_bytes;
  makecontext(&fiber->start, fiber_main, 0);
  setcontext(&fiber->start);
}

void wait_as(State state) {
  const size_t me = block.current;
  Fiber* const fiber = block.fiber;
  block.state[me] = state;
  block.fiber_of[me] = fiber;
  if (_setjmp(fiber->place) == 0) _longjmp(scheduler, 1);
}

void wake(size_t thread) {
  block.state[thread] = State::runs;
  block.current = thread;
  here.thread = place_in(here.block_size, thread);
  go_on(block.fiber_of[thread]);
}

void release_warp(size_t warp) {
  block.warp_waits[warp] = 0;
  const size_t first = warp * warp_size, lanes = lanes_of(warp);
  const size_t turn = (*block.order)[first % block.count];
  for (size_t i = 0; i < lanes; ++i) wake(first + (i + turn) % lanes);
}

void release_barrier() {
  if (block.done > 0)
    stop("kernel %s: __syncthreads() is reached by %zu threads of a block, but %zu have left it", block.kernel,
         block.at_barrier, block.done);
  block.at_barrier = 0;
  const size_t turn = (*block.order)[0];
  for (size_t i = 0; i < block.count; ++i) {
    const size_t thread = ((*block.order)[i] + turn) % block.count;
    if (block.state[thread] != State::at_barrier) stop("kernel %s: a thread of a block missed a barrier", block.kernel);
  }
  for (size_t i = 0; i < block.count; ++i) wake(((*block.order)[i] + turn) % block.count);
}

void begin_block(const char* name, const Order& order, size_t count, const std::function<void()>& thread) {
  block.kernel = name;
  block.order = &order;
  block.thread = &thread;
  block.count = count;
  block.started = block.done = block.at_barrier = 0;
  std::fill_n(block.state.begin(), count, State::not_started);
  std::fill_n(block.exchanges.begin(), count, uint8_t{0});
  const size_t warps = (count + warp_size - 1) / warp_size;
  std::fill_n(block.warp_waits.begin(), warps, 0u);
  std::fill_n(block.warp_done.begin(), warps, 0u);
  block.complete_warps.clear();
}

[[noreturn]] void stuck() {
  for (size_t warp = 0; warp * warp_size < block.count; ++warp)
    if (block.warp_waits[warp] > 0 && block.warp_done[warp] > 0)
      stop("kernel %s: a shuffle names all lanes of a warp, but %u of them have left the kernel", block.kernel,
           block.warp_done[warp]);
  stop("kernel %s: the threads of a block wait for each other for ever", block.kernel);
}

}  // namespace

void run_block(const char* name, const Order& order, size_t count, const std::function<void()>& thread) {
  begin_block(name, order, count, thread);
  while (block.done < count) {
    if (block.started < count) {
      go_on(an_idle_fiber());
    } else if (!block.complete_warps.empty()) {
      const unsigned warp = block.complete_warps.back();
      block.complete_warps.pop_back();
      release_warp(warp);
    } else if (block.at_barrier > 0 && block.at_barrier + block.done == count) {
      release_barrier();
    } else {
      stuck();
    }
  }
}

void barrier() {
  ++block.at_barrier;
  wait_as(State::at_barrier);
}

uint64_t exchange(unsigned mask, uint64_t bits, unsigned from) {
  const size_t me = block.current, warp = me / warp_size, first = warp * warp_size;
  if (mask != 0xFFFFFFFFu || lanes_of(warp) != warp_size)
    stop("kernel %s: a shuffle must name all lanes, of a whole warp", block.kernel);
  const uint8_t turn = block.exchanges[me]++ % 2;
  block.given[turn][me] = bits;
  if (++block.warp_waits[warp] == warp_size) block.complete_warps.push_back(static_cast<unsigned>(warp));
  wait_as(State::at_exchange);
  return block.given[turn][first + from];
}

}  // namespace stand_in
