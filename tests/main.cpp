// The one test binary: `mneme_tests --list-test-cases`, `mneme_tests -tc="*herding*"`.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
