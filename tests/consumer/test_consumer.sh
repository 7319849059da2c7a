#!/usr/bin/env bash
# test_consumer.sh installed BUILD   installs BUILD's libraries into a folder of its own and uses them from there, found by
#                                    CMake and by pkg-config
# test_consumer.sh added BUILD       adds Mneme's sources to another project's build. Configures it whole, and compiles the
#                                    engine, the one library that all others need.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mode=$1 build=$2
# The folder lies beside the build folder, so that the relative paths of sources, by which a compiler cache knows them, stay
# the same.
work=$(mktemp -d "$build-consumer.XXXXXX")
trap 'rm -rf "$work"' EXIT
die() {
  echo "$*" >&2
  exit 1
}

# The flags of our own targets must not reach the project.
check_flags() {
  local commands
  commands=$(grep -E "(engine_only|every_library)\.cpp" "$work/compile_commands.json")
  for flag in -Werror -Wshadow -Wall -march=; do
    [[ $commands != *"$flag"* ]] || die "the project is compiled with Mneme's $flag: $commands"
  done
  [[ $commands == *"-std=gnu++20"* ]] || die "the project was not told of C++20: $commands"
}

case $mode in
  installed)
    cmake --install "$build" --prefix "$work/mneme-prefix" --component dev >"$work/install.log" || die "$(cat "$work/install.log")"
    cmake -G Ninja -S "$here" -B "$work" -DCMAKE_PREFIX_PATH="$work/mneme-prefix"
    check_flags
    cmake --build "$work"
    ctest --test-dir "$work" --output-on-failure
    if command -v pkg-config >/dev/null; then
      export PKG_CONFIG_PATH
      PKG_CONFIG_PATH=$(dirname "$(find "$work/mneme-prefix" -name mneme.pc)")
      # shellcheck disable=SC2046  # the words of pkg-config are meant to be split
      c++ -o "$work/by-pkg-config" "$here/engine_only.cpp" $(pkg-config --cflags --libs mneme)
      "$work/by-pkg-config"
    else
      echo "pkg-config is not installed: mneme.pc is not tried"
    fi
    ;;
  added)
    launcher=()
    if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
    cmake -G Ninja -S "$here" -B "$work" -DMNEME_SOURCE="$(cd "$here/../.." && pwd)" -DMNEME_CUDA=OFF \
      -DCMAKE_BUILD_TYPE="$(sed -n 's/^CMAKE_BUILD_TYPE:[^=]*=//p' "$build/CMakeCache.txt")" \
      -DMNEME_WERROR="$(sed -n 's/^MNEME_WERROR:[^=]*=//p' "$build/CMakeCache.txt")" "${launcher[@]}"
    check_flags
    cmake --build "$work" --target consumer
    ctest --test-dir "$work" --output-on-failure
    ;;
  *) die "unknown mode '$mode': installed or added" ;;
esac
