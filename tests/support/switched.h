#pragma once
// Global switches, as a test wants them and then as they were.

#include <type_traits>

namespace mneme::test {

/// A switch set to something for as long as this lives.
template <class T>
class Switched {
 public:
  Switched(void (*set)(T), std::type_identity_t<T> now, std::type_identity_t<T> afterwards)
      : set_(set), afterwards_(afterwards) {
    set_(now);
  }
  ~Switched() { set_(afterwards_); }
  Switched(const Switched&) = delete;
  Switched& operator=(const Switched&) = delete;

 private:
  void (*set_)(T);
  T afterwards_;
};

}  // namespace mneme::test
