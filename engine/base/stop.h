#pragma once
// Note [Stopping]
// A program that is asked to stop must answer within two seconds, whatever it is doing. Training stops between two
// steps, where everything can be saved. Other work (evaluation, choosing exemplars, importances, writing results) may
// take minutes and has no state worth saving: what it needs is in the checkpoint from before it. Such work is declared
// by a Stoppable. Inside of one, every operation of the engine and every long loop calls stop_if_asked(), which throws
// StopAsked, and whoever declared the work leads it back to a point that a checkpoint describes.

#include <functional>

namespace mneme {

/// Thrown by stop_if_asked(). It is not derived from std::exception, so that handlers of errors do not catch it.
struct StopAsked {};

/// While an object of this class lives, stop_if_asked() calls `asked` to learn whether the program shall stop. `asked`
/// is called often, by one thread at a time. If several objects live, the newest one counts.
class StopRequests {
 public:
  /// Makes `asked` the present source of requests.
  explicit StopRequests(std::function<bool()> asked);
  /// Restores the source that was present before.
  ~StopRequests();
  StopRequests(const StopRequests&) = delete;
  StopRequests& operator=(const StopRequests&) = delete;

 private:
  std::function<bool()> asked_;
  const std::function<bool()>* before_;
};

/// While an object of this class lives, the work of this thread may be given up at any operation.
class Stoppable {
 public:
  Stoppable();
  ~Stoppable();
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;
};

/// Throws StopAsked if this thread is inside a Stoppable and the program shall stop.
void stop_if_asked();

}  // namespace mneme
