# Mneme's programs in an image: one stage builds the Debian package, the other installs it with what it depends on.
#
#   docker build -t mneme .
#   docker run --rm -v "$PWD/runs:/runs" mneme cifar100 --out /runs/demo
#
# With CUDA, here for GPUs of compute capability 9.0:
#
#   docker build -t mneme-cuda --build-arg BASE=nvidia/cuda:12.6.3-cudnn-devel-ubuntu24.04 \
#     --build-arg RUNTIME=nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04 --build-arg CUDA=ON --build-arg CUDA_ARCHITECTURES=90 .
#   docker run --rm --gpus all mneme-cuda cifar100 --device cuda
ARG BASE=debian:bookworm
ARG RUNTIME=debian:bookworm-slim

FROM ${BASE} AS build
ARG CUDA=OFF
ARG CUDA_ARCHITECTURES="80;90"
WORKDIR /src
COPY third_party/debian-packages third_party/
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates git dpkg-dev file \
      $(awk '$1 == "build" || $1 == "optional" { print $2 }' third_party/debian-packages)
COPY . .
RUN cmake --preset package -DMNEME_CUDA=${CUDA} -DCMAKE_CUDA_ARCHITECTURES="${CUDA_ARCHITECTURES}" \
    && cmake --build --preset package && cd build-package && cpack

FROM ${RUNTIME}
COPY --from=build /src/build-package/mneme_*.deb /tmp/
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates /tmp/mneme_*.deb \
    && rm -rf /var/lib/apt/lists/* /tmp/mneme_*.deb
WORKDIR /runs
CMD ["cifar100", "--help"]
