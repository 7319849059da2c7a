#pragma once
// What tests may ask of the stand-in, beyond CUDA.

#include <cstdint>
#include <map>
#include <string>

namespace stand_in {

/// The order of threads and blocks, and how far a stream's work lags behind, from now on.
void set_seed(uint64_t seed);

/// The n-th call from now on fails, n from 1; of `function`, or of any function where it is empty. A sticky error
/// stays: every later call fails with it, as after a kernel's bad access. n = 0: no call fails.
void fail_call(int64_t n, const std::string& function = "", bool sticky = false);
/// The function whose call was made to fail; empty if none was yet.
std::string failed_function();
/// Calls by function since the program began.
std::map<std::string, int64_t> calls();

/// Pieces of work submitted by kind, directly or into a capture, since the program began.
std::map<std::string, int64_t> submissions();

/// Most bytes that cudaMalloc gives in total; 0: the default.
void limit_memory(size_t bytes);

/// Bad accesses to device memory, and accesses of kernels that are not aligned, are explained from the first allocation
/// on. A test framework that handles their signals itself ends that; this begins it anew.
void explain_bad_accesses();

/// Called for every call that could fail, with its number and function; for the search for unhandled errors.
void watch_calls(void (*watcher)(int64_t number, const char* function));

}  // namespace stand_in
