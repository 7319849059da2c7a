#!/usr/bin/env bash
# test_package.sh BUILD [SUITE]: makes the Debian packages of BUILD (a build of the preset `package`), installs the one with
# the programs into a bare Debian, and runs a program there, in a chroot. Needs root, mmdebstrap, and Debian's archive; takes
# about a minute. With MNEME_PACKAGE_DEV=1 libmneme-dev is installed, too, and a program is compiled with it there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)
suite=${2:-bookworm}
die() {
  echo "test_package.sh: $*" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || die "installing into a bare Debian and chroot need root"
command -v mmdebstrap >/dev/null || die "mmdebstrap was not found; Debian: apt-get install mmdebstrap"

rm -f "$build"/*.deb
(cd "$build" && cpack >cpack.log) || die "cpack failed: see $build/cpack.log"
packages=("$build"/mneme_*.deb)
if [ "${MNEME_PACKAGE_DEV:-}" = 1 ]; then packages+=("$build"/libmneme-dev_*.deb); fi
for package in "$build"/*.deb; do
  echo "$(basename "$package"): $(($(stat -c %s "$package") / 1024)) KiB; depends on $(dpkg-deb -f "$package" Depends)"
done

# A processor without AVX must be able to run the programs: outside the kernels that are chosen at run time, nothing may
# use AVX's registers.
while read -r archive; do
  found=$(objdump -d "$archive" | awk '/file format/ { member = $1 } /%[yz]mm/ && member !~ /isa_avx/ { print member; exit }')
  [ -z "$found" ] || die "$found in $archive uses AVX, which not every processor has; was BUILD made by the preset package?"
done < <(find "$build" -name 'libmneme_*.a')

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
include=()
for package in "${packages[@]}"; do
  include+=("$(dpkg-deb -f "$package" Depends | tr -d ' ' | sed 's/([^)]*)//g; s/|[^,]*//g')")
done
bare=$(IFS=,; echo "${include[*]}${MNEME_PACKAGE_DEV:+,g++,cmake,ninja-build,pkg-config}")
mmdebstrap --quiet --variant=apt --include="$bare" "$suite" "$root"
for package in "${packages[@]}"; do
  cp "$package" "$root/tmp/"
  # dpkg refuses a package whose dependencies are not installed.
  chroot "$root" dpkg --install "/tmp/$(basename "$package")"
done
chroot "$root" cifar100 --version
chroot "$root" cifar100 --generated-classes 4 --generated-per-class 20 --tasks 2 --epochs 1 --batch-size 32 --network resnet8 \
  --out /tmp/run
[ -s "$root/tmp/run/report.html" ] || die "the run left no report"
# The kernels for every processor, without AVX2 and AVX-512.
chroot "$root" env MNEME_ISA=generic cifar100 --generated-classes 4 --generated-per-class 20 --tasks 2 --epochs 1 --batch-size 32 \
  --network resnet8 --quiet --out /tmp/run-generic
if [ "${MNEME_PACKAGE_DEV:-}" = 1 ]; then
  cp -r "$here/../consumer" "$root/tmp/"
  # shellcheck disable=SC2016  # the shell inside is the one to ask pkg-config
  chroot "$root" sh -ec 'cd /tmp; cmake -G Ninja -S consumer -B consumer-build; cmake --build consumer-build; consumer-build/consumer
    c++ -o by-pkg-config consumer/engine_only.cpp $(pkg-config --cflags --libs mneme); ./by-pkg-config'
fi
echo "the package works in a bare $suite"
