/* What GCC's -fsanitize=kernel-address asks of its surroundings, for tools/emulate-avx512: AddressSanitizer's own runtime
   can be neither linked statically nor started on the emulated processor. One byte of shadow tells of eight bytes of memory how
   many of them, from the first on, may be touched: 0 all, negative none. Heap blocks lie between forbidden zones, and stay
   forbidden for a while once freed. Linked with --wrap for every function of the heap; SHADOW comes from there, too. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { zone = 64, behind_heap_block = -6, freed = -3, scope_ended = -8 };

typedef struct {
  void* block; /* of the real heap */
  size_t size, align;
  uint64_t ours;
} Header; /* at the end of the zone before what the program sees */

static const uint64_t mark = 0x4D6E656D65416464;

void* __real_memalign(size_t align, size_t size);
void __real_free(void* block);
extern void* __libc_stack_end;

static int8_t* shadow_of(uintptr_t at) { return (int8_t*)((at >> 3) + SHADOW); }

/* From a multiple of eight on. */
static void forbid(uintptr_t at, size_t size, int8_t why) { memset(shadow_of(at), why, (size + 7) / 8); }
static void allow(uintptr_t at, size_t size) {
  memset(shadow_of(at), 0, size / 8);
  if (size % 8) *shadow_of(at + size) = (int8_t)(size % 8);
}

static _Noreturn void report(const char* what, size_t size, uintptr_t at, void* by) {
  fprintf(stderr, "address checks: %zu bytes %s at %#lx, whose shadow is %d; at %p (addr2line -Cfie PROGRAM ADDRESS)\n", size, what,
          (unsigned long)at, *shadow_of(at), by);
  __builtin_trap();
}

#define REPORTS(size)                                                                                                    \
  void __asan_report_load##size##_noabort(uintptr_t at) { report("read", size, at, __builtin_return_address(0)); }     \
  void __asan_report_store##size##_noabort(uintptr_t at) { report("written", size, at, __builtin_return_address(0)); }
REPORTS(1)
REPORTS(2)
REPORTS(4)
REPORTS(8)
REPORTS(16)
void __asan_report_load_n_noabort(uintptr_t at, size_t size) { report("read", size, at, __builtin_return_address(0)); }
void __asan_report_store_n_noabort(uintptr_t at, size_t size) { report("written", size, at, __builtin_return_address(0)); }

void __asan_poison_stack_memory(uintptr_t at, size_t size) { forbid(at, size, scope_ended); }
void __asan_unpoison_stack_memory(uintptr_t at, size_t size) { allow(at, size); }
/* An exception leaves frames without their ends being run. */
void __asan_handle_no_return(void) {
  const uintptr_t from = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)7;
  allow(from, ((uintptr_t)__libc_stack_end - from) & ~(size_t)7);
}

/* Nothing is said of globals, nor of the order in which they come to be. */
void __asan_before_dynamic_init(const char* unit) { (void)unit; }
void __asan_after_dynamic_init(void) {}

void* __wrap_memalign(size_t align, size_t size) {
  const size_t before = align > zone ? align : zone, whole = before + ((size + 7) & ~(size_t)7) + zone;
  void* const block = __real_memalign(before, whole);
  if (!block) return NULL;
  const uintptr_t user = (uintptr_t)block + before;
  ((Header*)user)[-1] = (Header){block, size, before, mark};
  forbid((uintptr_t)block, whole, behind_heap_block);
  allow(user, size);
  return (void*)user;
}

void __wrap_free(void* user) {
  static void* waiting[256];
  static unsigned next;
  if (!user) return;
  const Header header = ((Header*)user)[-1];
  if (header.ours != mark) return __real_free(user);
  if (*shadow_of((uintptr_t)user) == freed) report("freed twice", header.size, (uintptr_t)user, __builtin_return_address(0));
  forbid((uintptr_t)user, header.size ? header.size : 1, freed);
  void** const slot = &waiting[next++ % (sizeof waiting / sizeof *waiting)];
  if (*slot) {
    const Header old = ((Header*)*slot)[-1];
    allow((uintptr_t)old.block, old.align + ((old.size + 7) & ~(size_t)7) + zone);
    ((Header*)*slot)[-1].ours = 0;
    __real_free(old.block);
  }
  *slot = user;
}

void* __wrap_malloc(size_t size) { return __wrap_memalign(16, size); }
void* __wrap_aligned_alloc(size_t align, size_t size) { return __wrap_memalign(align, size); }
int __wrap_posix_memalign(void** user, size_t align, size_t size) {
  *user = __wrap_memalign(align, size);
  return *user ? 0 : ENOMEM;
}
void* __wrap_calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void* const user = __wrap_malloc(bytes);
  return user ? memset(user, 0, bytes) : NULL;
}
void* __wrap_realloc(void* user, size_t size) {
  void* const fresh = __wrap_malloc(size);
  if (!fresh || !user) return fresh;
  const size_t old = ((Header*)user)[-1].size;
  memcpy(fresh, user, old < size ? old : size);
  __wrap_free(user);
  return fresh;
}
