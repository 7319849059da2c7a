// Streams, events, captures and graphs.
//
// A stream is a queue. Its work is executed when the host waits for it, or when the queue is long; then only up to a
// point that follows from the seed. So a result that the host reads too early, or an input that it changes too early,
// shows as a wrong number.

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/runtime.h"

struct CUgraph_st {
  std::vector<stand_in::Work> work;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<stand_in::Work>> work;
};
struct CUstream_st {
  std::deque<stand_in::Work> queue;
  uint64_t submitted = 0, done = 0;
  double now = 0;                        // in microseconds, by the clock of the device
  std::unique_ptr<CUgraph_st> captured;  // null if the stream is not capturing
  bool capture_invalid = false;
};
struct CUevent_st {
  cudaStream_t stream = nullptr;  // null if the event was never recorded
  uint64_t place = 0;
  bool timed = true;
  std::shared_ptr<double> at = std::make_shared<double>(-1);
};

namespace stand_in {
namespace {

constexpr size_t most_queued = 200;

struct Streams {
  std::vector<cudaStream_t> all;
  std::map<std::string, int64_t> submissions;
  std::mt19937_64 lag{1};
  bool working = false;
};

Streams& streams() {
  static auto* const all = new Streams;
  return *all;
}

void work_until(cudaStream_t stream, uint64_t place) {
  if (stream->done >= place || stream->queue.empty()) return;
  const DeviceAccess access;
  while (stream->done < place && !stream->queue.empty()) {
    const Work work = std::move(stream->queue.front());
    stream->queue.pop_front();
    set_activity(work.name);
    work.run();
    stream->now += work.microseconds;
    ++stream->done;
  }
}

bool counted(const char* name) { return std::strncmp(name, "arena:", 6) != 0 && std::strcmp(name, "event") != 0; }

}  // namespace

cudaStream_t last_stream() { return streams().all.empty() ? nullptr : streams().all.back(); }
bool captures(cudaStream_t stream) { return stream && stream->captured; }

cudaError_t submit(cudaStream_t stream, Work work) {
  if (!stream) stop("%s is queued on the default stream, which waits for all others", work.name);
  Streams& s = streams();
  if (counted(work.name)) ++s.submissions[work.name];
  if (stream->captured) {
    if (stream->capture_invalid) return cudaErrorStreamCaptureInvalidated;
    stream->captured->work.push_back(std::move(work));
    return cudaSuccess;
  }
  stream->queue.push_back(std::move(work));
  ++stream->submitted;
  if (stream->queue.size() > most_queued) work_until(stream, stream->done + s.lag() % most_queued);
  return cudaSuccess;
}

void finish_all() {
  for (cudaStream_t stream : streams().all) work_until(stream, stream->submitted);
}

cudaError_t refuse_in_capture(cudaStream_t stream) {
  if (!stream || !stream->captured) return cudaSuccess;
  stream->capture_invalid = true;
  return cudaErrorStreamCaptureUnsupported;
}

cudaError_t refuse_in_any_capture() {
  cudaError_t error = cudaSuccess;
  for (cudaStream_t stream : streams().all)
    if (const cudaError_t its = refuse_in_capture(stream); its != cudaSuccess) error = its;
  return error;
}

std::map<std::string, int64_t> submissions() {
  const std::lock_guard lock(runtime_lock());
  return streams().submissions;
}

void set_seed(uint64_t seed) {
  const std::lock_guard lock(runtime_lock());
  set_order(seed);
  streams().lag.seed(seed);
}

void launch(const char* name, dim3 blocks, dim3 threads, size_t shared_bytes, size_t argument_bytes,
            cudaStream_t stream, std::function<void()> thread) {
  (void)call("kernel launch", [&] {
    const bool fits = blocks.count() > 0 && blocks.x <= 0x7FFFFFFFu && blocks.y <= 65535 && blocks.z <= 65535 &&
                      threads.count() > 0 && threads.count() <= most_threads && threads.z <= 64 &&
                      shared_bytes <= most_shared_bytes && argument_bytes <= 4096;
    if (!fits) return cudaErrorInvalidConfiguration;
    return submit(
        stream, {name, 1, [=, thread = std::move(thread)] { run_grid(name, blocks, threads, shared_bytes, thread); }});
  });
}

}  // namespace stand_in

using namespace stand_in;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return call("cudaStreamCreateWithFlags", [&] {
    if (flags != cudaStreamNonBlocking) return cudaErrorInvalidValue;
    streams().all.push_back(*stream = new CUstream_st);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call("cudaStreamDestroy", [&] {
    work_until(stream, stream->submitted);
    std::erase(streams().all, stream);
    delete stream;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call("cudaStreamSynchronize", [&] {
    if (const cudaError_t error = refuse_in_capture(stream); error != cudaSuccess) return error;
    work_until(stream, stream->submitted);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return call("cudaStreamWaitEvent", [&] {
    const auto waits = [stream = event->stream, place = event->place] {
      if (stream) work_until(stream, place);
    };
    return submit(stream, {"event", 0, waits});
  });
}

namespace {

cudaError_t create_event(cudaEvent_t* event, bool timed) {
  *event = new CUevent_st;
  (*event)->timed = timed;
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return call("cudaEventCreate", [&] { return create_event(event, true); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return call("cudaEventCreateWithFlags", [&] { return create_event(event, !(flags & cudaEventDisableTiming)); });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call("cudaEventDestroy", [&] {
    if (!event) return cudaErrorInvalidResourceHandle;
    delete event;
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call("cudaEventRecord", [&] {
    const cudaError_t error = submit(stream, {"event", 0, [at = event->at, stream] { *at = stream->now; }});
    if (error != cudaSuccess) return error;
    event->stream = stream;
    event->place = stream->submitted;
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call("cudaEventSynchronize", [&] {
    if (const cudaError_t error = refuse_in_capture(event->stream); error != cudaSuccess) return error;
    if (event->stream) work_until(event->stream, event->place);
    return cudaSuccess;
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return call("cudaEventElapsedTime", [&] {
    if (!start->timed || !end->timed || !start->stream || !end->stream) return cudaErrorInvalidResourceHandle;
    if (start->stream->done < start->place || end->stream->done < end->place) return cudaErrorNotReady;
    *milliseconds = static_cast<float>((*end->at - *start->at) / 1000);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  return call("cudaStreamBeginCapture", [&] {
    if (stream->captured) return cudaErrorIllegalState;
    stream->captured = std::make_unique<CUgraph_st>();
    stream->capture_invalid = false;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return call("cudaStreamIsCapturing", [&] {
    *status = !stream->captured         ? cudaStreamCaptureStatusNone
              : stream->capture_invalid ? cudaStreamCaptureStatusInvalidated
                                        : cudaStreamCaptureStatusActive;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  return call("cudaStreamEndCapture", [&] {
    if (!stream->captured) return cudaErrorIllegalState;
    const auto captured = std::move(stream->captured);
    if (stream->capture_invalid) return cudaErrorStreamCaptureInvalidated;
    *graph = new CUgraph_st(std::move(*captured));
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t graph, unsigned long long) {
  return call("cudaGraphInstantiate", [&] {
    if (!graph) return cudaErrorInvalidValue;
    *ready = new CUgraphExec_st{std::make_shared<const std::vector<Work>>(graph->work)};
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream) {
  return call("cudaGraphLaunch", [&] {
    if (const cudaError_t error = refuse_in_capture(stream); error != cudaSuccess) return error;
    return submit(stream, {"graph", 5, [work = ready->work, stream] {
                             for (const Work& piece : *work) {
                               set_activity(piece.name);
                               piece.run();
                               stream->now += piece.microseconds;
                             }
                           }});
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call("cudaGraphDestroy", [&] {
    delete graph;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready) {
  return call("cudaGraphExecDestroy", [&] {
    delete ready;
    return cudaSuccess;
  });
}
