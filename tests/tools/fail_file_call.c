// A library for LD_PRELOAD: lets one call that touches files fail, as a disk does. Calls are counted that name a path
// below the folder in FAIL_BELOW, or use a file opened there. Call number FAIL_AT (from 1) fails with the error number
// FAIL_WITH; writes fail half-way. At the end the count is written to the file in FAIL_COUNT. tests/tools/inject_faults.py
// uses it.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { most_files = 4096 };
static char is_watched[most_files];
static char below[PATH_MAX];
static long count, fail_at;
static int fail_with;
static char name_of_failed[64];

#define REAL(name) ((__typeof__(&name))real_call(#name))

static void* real_call(const char* name) {
  void* call = dlsym(RTLD_NEXT, name);
  if (!call) abort();
  return call;
}

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("FAIL_BELOW"), *at = getenv("FAIL_AT"), *with = getenv("FAIL_WITH");
  if (folder && !realpath(folder, below)) below[0] = 0;
  fail_at = at ? atol(at) : 0;
  fail_with = with ? atoi(with) : EIO;
}

__attribute__((destructor)) static void end(void) {
  const char* file = getenv("FAIL_COUNT");
  if (!file) return;
  below[0] = 0;
  FILE* to = fopen(file, "w");
  if (!to) return;
  fprintf(to, "%ld %s\n", count, name_of_failed);
  fclose(to);
}

static int concerns_path(const char* path) {
  if (!below[0] || !path) return 0;
  char whole[PATH_MAX];
  if (path[0] == '/') {
    snprintf(whole, sizeof whole, "%s", path);
  } else {
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) return 0;
    if (snprintf(whole, sizeof whole, "%s/%s", here, path) >= (int)sizeof whole) return 0;
  }
  const size_t length = strlen(below);
  return strncmp(whole, below, length) == 0 && (whole[length] == '/' || whole[length] == 0);
}

static int concerns_file(int file) { return file >= 0 && file < most_files && is_watched[file]; }

/// Counts a call. True if this is the call that must fail.
static int fails(int concerned, const char* name) {
  if (!concerned || __sync_add_and_fetch(&count, 1) != fail_at) return 0;
  snprintf(name_of_failed, sizeof name_of_failed, "%s", name);
  errno = fail_with;
  return 1;
}

static int watch(int file, int concerned) {
  if (file >= 0 && file < most_files) is_watched[file] = (char)concerned;
  return file;
}

#define OPEN(name, parameters, call)                        \
  int name parameters {                                     \
    mode_t mode = 0;                                        \
    if (flags & (O_CREAT | O_TMPFILE)) {                    \
      va_list more;                                         \
      va_start(more, flags);                                \
      mode = va_arg(more, mode_t);                          \
      va_end(more);                                         \
    }                                                       \
    const int concerned = concerns_path(path);              \
    return fails(concerned, #name) ? -1 : watch(call, concerned); \
  }
OPEN(open, (const char* path, int flags, ...), REAL(open)(path, flags, mode))
OPEN(open64, (const char* path, int flags, ...), REAL(open64)(path, flags, mode))
OPEN(openat, (int folder, const char* path, int flags, ...), REAL(openat)(folder, path, flags, mode))
OPEN(openat64, (int folder, const char* path, int flags, ...), REAL(openat64)(folder, path, flags, mode))

static FILE* watched_stream(FILE* stream, int concerned) {
  if (stream) watch(fileno(stream), concerned);
  return stream;
}
FILE* fopen(const char* path, const char* mode) {
  const int concerned = concerns_path(path);
  return fails(concerned, "fopen") ? NULL : watched_stream(REAL(fopen)(path, mode), concerned);
}
FILE* fopen64(const char* path, const char* mode) {
  const int concerned = concerns_path(path);
  return fails(concerned, "fopen64") ? NULL : watched_stream(REAL(fopen64)(path, mode), concerned);
}

/// A call that fails must leave its file closed, as close() does.
int close(int file) {
  const int failed = fails(concerns_file(file), "close");
  watch(file, 0);
  const int closed = REAL(close)(file);
  if (!failed) return closed;
  errno = fail_with;
  return -1;
}

/// Half of the bytes arrive; the next write, if there is one, fails.
#define WRITE(name, parameters, half, whole)                                   \
  ssize_t name parameters {                                                    \
    if (!fails(concerns_file(file), #name)) return whole;                      \
    if (size > 1 && half < 0) return -1;                                       \
    errno = fail_with;                                                         \
    return -1;                                                                 \
  }
WRITE(write, (int file, const void* bytes, size_t size), REAL(write)(file, bytes, size / 2), REAL(write)(file, bytes, size))
WRITE(pwrite, (int file, const void* bytes, size_t size, off_t at), REAL(pwrite)(file, bytes, size / 2, at),
      REAL(pwrite)(file, bytes, size, at))
WRITE(pwrite64, (int file, const void* bytes, size_t size, off64_t at), REAL(pwrite64)(file, bytes, size / 2, at),
      REAL(pwrite64)(file, bytes, size, at))

#define CALL(type, name, parameters, concerned, failure, ...) \
  type name parameters { return fails(concerned, #name) ? failure : REAL(name)(__VA_ARGS__); }
CALL(ssize_t, read, (int file, void* to, size_t size), concerns_file(file), -1, file, to, size)
CALL(ssize_t, pread, (int file, void* to, size_t size, off_t at), concerns_file(file), -1, file, to, size, at)
CALL(ssize_t, pread64, (int file, void* to, size_t size, off64_t at), concerns_file(file), -1, file, to, size, at)
CALL(int, fsync, (int file), concerns_file(file), -1, file)
CALL(int, ftruncate, (int file, off_t size), concerns_file(file), -1, file, size)
CALL(int, ftruncate64, (int file, off64_t size), concerns_file(file), -1, file, size)
CALL(off_t, lseek, (int file, off_t at, int from), concerns_file(file), -1, file, at, from)
CALL(off64_t, lseek64, (int file, off64_t at, int from), concerns_file(file), -1, file, at, from)
CALL(int, flock, (int file, int how), concerns_file(file), -1, file, how)
CALL(int, fstat, (int file, struct stat* about), concerns_file(file), -1, file, about)
CALL(int, rename, (const char* from, const char* to), concerns_path(to), -1, from, to)
CALL(int, unlink, (const char* path), concerns_path(path), -1, path)
CALL(int, rmdir, (const char* path), concerns_path(path), -1, path)
CALL(int, remove, (const char* path), concerns_path(path), -1, path)
CALL(int, unlinkat, (int folder, const char* path, int flags), concerns_path(path), -1, folder, path, flags)
CALL(int, mkdir, (const char* path, mode_t mode), concerns_path(path), -1, path, mode)
CALL(int, stat, (const char* path, struct stat* about), concerns_path(path), -1, path, about)
CALL(int, lstat, (const char* path, struct stat* about), concerns_path(path), -1, path, about)
CALL(DIR*, opendir, (const char* path), concerns_path(path), NULL, path)
