# Functions that quickstart, run-tests and .ci/run share: packages, checks, configure and build. Sourced, not run.
# Every failure is reported by one line on stderr.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
package_list=$root/third_party/debian-packages

say() { printf '\n==> %s\n' "$*"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# packages KIND...: the names of these kinds.
packages() {
  local kind
  for kind in "$@"; do awk -v kind="$kind" '$1 == kind { print $2 }' "$package_list"; done
}

# missing KIND...: the packages of these kinds that are not installed; nothing on systems without dpkg.
missing() {
  local package
  have dpkg-query || return 0
  for package in $(packages "$@"); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done
}

# as_root COMMAND...: runs the command with the right to install packages. Fails if that would need a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else have sudo && sudo -n "$@"; fi
}
may_install() { have apt-get && as_root true 2>/dev/null; }

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Color=0 "$@"
}

# need_packages KIND...: installs missing packages. Without the right to do so it names them: as an error if they are
# required, a remark for what is optional.
need_packages() {
  local required=() all
  local kind
  for kind in "$@"; do [ "$kind" = optional ] || required+=("$kind"); done
  all=$(missing "$@")
  [ -n "$all" ] || return 0
  if may_install; then
    say "Installing ${all% }"
    apt_get update || die "apt-get update failed (is the network there?); install by hand: apt-get install ${all% }"
    # shellcheck disable=SC2086
    apt_get install -y --no-install-recommends $all || die "apt-get could not install: ${all% }"
    return 0
  fi
  local needed
  needed=$(missing "${required[@]}")
  [ -z "$needed" ] || die "these packages are missing: run  sudo apt-get install -y ${all% }"
  say "Going on without optional packages: sudo apt-get install -y ${all% }"
}

# at_least WANTED GOT: compares version numbers.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

need_tools() {
  have c++ || have g++ || have clang++ || die "no C++ compiler was found; Debian: apt-get install g++"
  have cmake || die "cmake was not found; Debian: apt-get install cmake"
  have ninja || die "ninja was not found; Debian: apt-get install ninja-build"
  local version
  version=$(cmake --version | awk 'NR == 1 { print $3 }')
  at_least 3.24 "$version" || die "cmake 3.24 or later is needed, this is $version"
}

# need_disk MEGABYTES: fails unless so much space is free in the folder of the build.
need_disk() {
  local free
  free=$(df -Pm "$root" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$1" ] || die "the disk of $root has $free MB left, $1 MB are needed"
  [ -w "$root" ] || die "$root cannot be written to"
}

# Prints the memory in MB that a build may use: the available memory, or the rest of a container's limit.
memory_left() {
  local free limit used
  free=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
  if [ -r /sys/fs/cgroup/memory.max ] && limit=$(cat /sys/fs/cgroup/memory.max) && [ "$limit" != max ]; then
    used=$(awk '$1 == "anon" { print $2 }' /sys/fs/cgroup/memory.stat)
    limit=$(((limit - used) / 1048576))
    [ "$limit" -ge "$free" ] || free=$limit
  fi
  echo "$free"
}

# Prints how many compilers may run at once: one per processor, and one per 1.2 GB, which the largest file takes.
jobs() {
  local by_memory=$(($(memory_left) / 1200)) by_processors
  by_processors=$(nproc)
  [ "$by_memory" -ge 1 ] || by_memory=1
  echo $((by_memory < by_processors ? by_memory : by_processors))
}

build_folder() { [ "$1" = release ] && echo "$root/build" || echo "$root/build-$1"; }

# configure PRESET [CMAKE FLAG...]: quiet unless it fails, then one line with the reason.
configure() {
  local preset=$1 log reason
  shift
  mkdir -p "$(build_folder "$preset")"
  log=$(build_folder "$preset")/configure.log
  say "Configuring preset $preset in $(build_folder "$preset")"
  if (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1; then
    grep -E '^-- .*: (not )?found' "$log" || true
    return 0
  fi
  reason=$(awk '/^CMake Error/ { on = 1; next } on && /^  / { text = text $0 " "; next } on && text { exit } END { gsub(/ +/, " ", text); print text }' "$log")
  die "configuring failed:${reason:- see} (whole log: $log)"
}

# build PRESET [TARGET...]
build() {
  local preset=$1 count
  shift
  count=$(jobs)
  say "Building with $count job$([ "$count" = 1 ] || echo s)"
  cmake --build "$(build_folder "$preset")" -j "$count" ${1:+--target "$@"} || die "the build failed; the first error is above"
}
