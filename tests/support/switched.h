#pragma once
// Global switches that a test changes and then restores.

#include <type_traits>

namespace mneme::test {

/// Sets a switch, and restores it when destroyed.
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
