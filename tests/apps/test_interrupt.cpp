// Signals that ask a program to stop, in a process of their own.

#include "apps/terminal/interrupt.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace mneme::test {
namespace {

/// Does the work in a new process. Returns the exit code of the process, or minus the number of the signal that ended
/// it.
int end_of(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

TEST_CASE("signals in quick succession are one request to stop; another after a second ends the program") {
  CHECK(end_of([] {
          const NotedInterrupts interrupts;
          for (const int signal : {SIGTERM, SIGTERM, SIGHUP, SIGINT}) raise(signal);
          return interrupt_noted();
        }) == SIGTERM);
  CHECK(end_of([] {
          const NotedInterrupts interrupts;
          raise(SIGHUP);
          usleep(1'100'000);
          raise(SIGTERM);
          return 0;
        }) == -SIGTERM);
}

TEST_CASE("a request that another program passes on is never a second one") {
  CHECK(end_of([] {
          const NotedInterrupts interrupts;
          raise(SIGTERM);
          usleep(1'100'000);
          relay_interrupt(getpid());
          return interrupt_noted();
        }) == SIGTERM);
  CHECK(end_of([] {
          const NotedInterrupts interrupts;
          relay_interrupt(getpid());
          return interrupt_noted();
        }) == SIGTERM);
}

TEST_CASE("SIGHUP stays ignored where it is; afterwards every signal does what it did before") {
  CHECK(end_of([] {
          std::signal(SIGHUP, SIG_IGN);
          const NotedInterrupts interrupts;
          raise(SIGHUP);
          return interrupt_noted();
        }) == 0);
  CHECK(end_of([] {
          { const NotedInterrupts interrupts; }
          raise(SIGHUP);
          return 0;
        }) == -SIGHUP);
}

TEST_CASE("while signals are noted, work that may be given up is, and no other") {
  CHECK(end_of([] {
          const NotedInterrupts interrupts;
          raise(SIGINT);
          stop_if_asked();  // outside of a Stoppable
          try {
            const Stoppable stoppable;
            stop_if_asked();
          } catch (const StopAsked&) {
            return 7;
          }
          return 0;
        }) == 7);
}

TEST_CASE("a command line is written so that a shell reads the same words") {
  CHECK(shell_words({"build/apps/cifar100", "--lr=0.1", "--out", "a b", ""}) ==
        "build/apps/cifar100 --lr=0.1 --out 'a b' ''");
  CHECK(shell_words({"a=b/cifar100", "it's", "~", "$HOME"}) == "'a=b/cifar100' 'it'\\''s' '~' '$HOME'");
}

}  // namespace
}  // namespace mneme::test
