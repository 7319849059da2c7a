// What can be tested of cuDNN's plans without a GPU: cuDNN also makes plans for a GPU that is described in words.

#include <doctest/doctest.h>

#include "engine/cuda/cudnn_graph.h"

namespace mneme::cuda {
namespace {

/// A GPU as cuDNN's JSON of device properties describes it.
std::string described(const char* name, int capability, int multiprocessors, int shared_memory) {
  return fmt::format(
      R"({{"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"cudaDeviceId":0,"deviceName":"{}","deviceVer":{},)"
      R"("driverVer":13000,"isTccDriver":0,"l2CacheSize":41943040,"maxCtasPerSM":32,"maxRegistersPerSM":65536,)"
      R"("maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":{},"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,)"
      R"("memClockRateKHz":2000000,"multiProcessorCount":{},"smClockRateKHz":1500000,"pciDeviceId":0,"regsPerBlock":65536,)"
      R"("reservedSharedMemoryPerBlock":1024,"supportCoopLaunch":1,"totalGlobalMem":40000000000,"warpSize":32}})",
      name, capability * 10, shared_memory, multiprocessors);
}

const std::string gpus[] = {described("an A100", 80, 108, 166912), described("an H200", 90, 132, 232448),
                            described("a Blackwell", 120, 170, 101376)};

std::vector<ConvPlan> plans_for(const ConvKey& key, const std::string& gpu, size_t limit = size_t{1} << 30) {
  return conv_plans(key, {nullptr, gpu}, 8, limit);
}

/// True if this cuDNN can plan for a GPU that is not present (since 9.8).
bool can_plan() {
  try {
    return !plans_for(conv_key(ConvPass::forward, {8, 16, 8, 8, 16, 3, 3, 1, 1}), gpus[0]).empty();
  } catch (const Error& error) {
    MESSAGE("skipped: this cuDNN plans only for GPUs at hand: ", error.what());
    return false;
  }
}

/// Every kind of convolution in ResNet-32 on 32x32 images and in ResNet-18 on 224x224 images, and some of odd sizes.
const ConvShape shapes[] = {
    {128, 3, 32, 32, 16, 3, 3, 1, 1},  {128, 16, 32, 32, 16, 3, 3, 1, 1},  {128, 16, 32, 32, 32, 3, 3, 2, 1},
    {128, 16, 32, 32, 32, 1, 1, 2, 0}, {128, 32, 16, 16, 32, 3, 3, 1, 1},  {128, 64, 8, 8, 64, 3, 3, 1, 1},
    {1, 64, 8, 8, 64, 3, 3, 1, 1},     {128, 3, 224, 224, 64, 7, 7, 2, 3}, {128, 64, 56, 56, 64, 3, 3, 1, 1},
    {128, 512, 7, 7, 512, 3, 3, 1, 1}, {5, 5, 9, 7, 10, 3, 3, 1, 1},       {2, 3, 7, 5, 4, 3, 3, 2, 1},
    {1, 2, 8, 7, 3, 2, 2, 3, 0},       {1, 2, 3, 4, 2, 3, 3, 1, 3},
};

TEST_CASE(
    "cuDNN has plans for every convolution of our networks, in every pass, precision and mode, on three kinds of GPU") {
  if (!can_plan()) return;
  for (const std::string& gpu : gpus)
    for (const ConvShape& shape : shapes)
      for (const ConvPass pass : {ConvPass::forward, ConvPass::data, ConvPass::weights})
        for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::bf16})
          for (const bool strict : {false, true}) {
            ConvKey key = conv_key(pass, shape);
            key.precision = precision;
            key.deterministic = key.exact = strict;
            CHECK_MESSAGE(!plans_for(key, gpu).empty(), key.text());
          }
}

TEST_CASE("fp32 plans use no tensor cores, those of tf32 and bf16 begin with such as do") {
  if (!can_plan()) return;
  ConvKey key = conv_key(ConvPass::forward, shapes[1]);
  key.precision = Precision::fp32;
  for (const ConvPlan& plan : plans_for(key, gpus[1])) CHECK_FALSE(plan.notes().tensor_cores);
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    key.precision = precision;
    REQUIRE(!plans_for(key, gpus[1]).empty());
    CHECK(plans_for(key, gpus[1])[0].notes().tensor_cores);
  }
}

TEST_CASE("channels last in eights runs without a workspace for turning tensors round") {
  if (!can_plan()) return;
  ConvKey key = conv_key(ConvPass::forward, shapes[4]);
  key.precision = Precision::tf32;
  REQUIRE(key.layout == Layout::channels_last);
  CHECK(plans_for(key, gpus[1], 0).size() > 1);
}

TEST_CASE("plans beyond the workspace allowed are left out") {
  if (!can_plan()) return;
  const ConvKey key = conv_key(ConvPass::weights, shapes[7]);
  for (const ConvPlan& plan : plans_for(key, gpus[1], 1 << 20)) CHECK(plan.workspace_bytes() <= 1 << 20);
}

TEST_CASE("plans outlive everything they were made from") {
  if (!can_plan()) return;
  std::vector<ConvPlan> kept;
  for (int i = 0; i < 3; ++i) kept.push_back(plans_for(conv_key(ConvPass::data, shapes[5]), gpus[1]).at(0));
  for (const ConvPlan& plan : kept) CHECK(plan.workspace_bytes() == kept[0].workspace_bytes());
}

}  // namespace
}  // namespace mneme::cuda
