#pragma once
// Functions by which tests control the stand-in. CUDA has no such functions.

#include <cstdint>
#include <map>
#include <string>

namespace stand_in {

/// Chooses the order of threads and blocks, and how late a stream executes its work, from now on.
void set_seed(uint64_t seed);

/// Makes the n-th call from now on fail, counted from 1: the n-th call of `function`, or of all functions if `function`
/// is empty. A sticky error stays, so that every later call fails as well, as after a bad access of a kernel. n = 0
/// switches this off and makes the device sound again, which a GPU would not be before the program is started anew.
void fail_call(int64_t n, const std::string& function = "", bool sticky = false);
/// The name of the function whose call failed on request; empty if none has failed yet.
std::string failed_function();
/// The number of calls of each function since the program began.
std::map<std::string, int64_t> calls();

/// The number of pieces of work of each kind since the program began, whether they were queued directly or captured.
std::map<std::string, int64_t> submissions();

/// The limit of bytes that cudaMalloc gives out in total; 0: the default limit.
void limit_memory(size_t bytes);

/// Explains bad accesses to device memory, and accesses of kernels that are not aligned, from the first allocation on.
/// A test framework that installs handlers for their signals replaces the explanation; calling this function again
/// restores it.
void explain_bad_accesses();

/// Sets a function that is called at every call that could fail, with the number of the call and the function's name.
/// Tests use it to find calls whose errors nobody handles.
void watch_calls(void (*watcher)(int64_t number, const char* function));

}  // namespace stand_in
