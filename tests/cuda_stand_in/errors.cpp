// Errors: their names, the last one, and those that are injected.
//
// CUDA_STAND_IN_FAIL=40 makes the 40th call of the process fail, CUDA_STAND_IN_FAIL=cudaMalloc:3 the third of
// cudaMalloc; CUDA_STAND_IN_FAIL_STICKY=1 makes the error stay, as one of a kernel does. CUDA_STAND_IN_COUNT=1 prints
// how often each function was called when the program ends.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/runtime.h"

namespace stand_in {
namespace {

struct State {
  cudaError_t last = cudaSuccess, sticky = cudaSuccess;
  int64_t countdown = 0;  // calls that are left until one fails on request; 0: none will
  std::string function, failed;
  bool sticks = false;
  int64_t number = 0;
  std::map<std::string, int64_t> calls;
  void (*watcher)(int64_t, const char*) = nullptr;

  State();
};

State& state() {
  static auto* const all = new State;  // never destroyed, because destructors of other objects still call CUDA
  return *all;
}

void print_calls() {
  for (const auto& [function, count] : state().calls)
    std::fprintf(stderr, "%s %lld\n", function.c_str(), static_cast<long long>(count));
}

State::State() {
  if (std::getenv("CUDA_STAND_IN_COUNT")) std::atexit(print_calls);
  const char* const wanted = std::getenv("CUDA_STAND_IN_FAIL");
  if (!wanted) return;
  const char* const colon = std::strchr(wanted, ':');
  if (colon) function.assign(wanted, colon);
  countdown = std::atoll(colon ? colon + 1 : wanted);
  sticks = std::getenv("CUDA_STAND_IN_FAIL_STICKY") != nullptr;
}

constexpr std::pair<cudaError_t, const char*> names[] = {
    {cudaSuccess, "cudaSuccess"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState"},
    {cudaErrorNotReady, "cudaErrorNotReady"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated"},
    {cudaErrorUnknown, "cudaErrorUnknown"},
};

/// The error that a GPU would return for this call.
cudaError_t usual_error(const std::string& function) {
  if (function == "cudaMalloc" || function == "cudaMallocHost") return cudaErrorMemoryAllocation;
  if (function == "kernel launch" || function == "cudaGraphLaunch") return cudaErrorLaunchOutOfResources;
  return cudaErrorUnknown;
}

bool shall_fail(State& s, const char* function) {
  if (s.countdown == 0 || (!s.function.empty() && s.function != function)) return false;
  return --s.countdown == 0;
}

}  // namespace

std::recursive_mutex& runtime_lock() {
  static auto* const lock = new std::recursive_mutex;
  return *lock;
}

cudaError_t error_of_this_call(const char* function) {
  State& s = state();
  ++s.number;
  ++s.calls[function];
  if (s.watcher) s.watcher(s.number, function);
  if (s.sticky != cudaSuccess) return s.sticky;
  if (!shall_fail(s, function)) return cudaSuccess;
  s.failed = function;
  if (s.sticks) s.sticky = cudaErrorIllegalAddress;
  return s.sticks ? s.sticky : usual_error(function);
}

cudaError_t keep_error(cudaError_t error) {
  if (error != cudaSuccess) state().last = error;
  return error;
}

void fail_call(int64_t n, const std::string& function, bool sticky) {
  const std::lock_guard lock(runtime_lock());
  State& s = state();
  s.countdown = n;
  s.function = function;
  s.sticks = sticky;
  if (std::exchange(s.sticky, cudaSuccess) != cudaSuccess) s.last = cudaSuccess;
  s.failed.clear();
}

std::string failed_function() {
  const std::lock_guard lock(runtime_lock());
  return state().failed;
}

std::map<std::string, int64_t> calls() {
  const std::lock_guard lock(runtime_lock());
  return state().calls;
}

void watch_calls(void (*watcher)(int64_t, const char*)) { state().watcher = watcher; }

}  // namespace stand_in

using namespace stand_in;

const char* cudaGetErrorName(cudaError_t error) {
  for (const auto& [status, name] : names)
    if (status == error) return name;
  return "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaSuccess ? "no error" : "as the stand-in was told";
}

cudaError_t cudaGetLastError() {
  const std::lock_guard lock(runtime_lock());
  State& s = state();
  return s.sticky != cudaSuccess ? s.sticky : std::exchange(s.last, cudaSuccess);
}

cudaError_t cudaPeekAtLastError() {
  const std::lock_guard lock(runtime_lock());
  return state().sticky != cudaSuccess ? state().sticky : state().last;
}
