#pragma once
// The project's one device macro: a function marked ON_DEVICE is compiled for the host and, by nvcc, for the GPU too.

#ifdef __CUDACC__
/// Marks a function that is compiled for the host and, by nvcc, for the GPU too.
#define ON_DEVICE __host__ __device__
#else
#define ON_DEVICE
#endif
