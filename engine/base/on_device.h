#pragma once

#ifdef __CUDACC__
/// Marks a function that is compiled for the host and, by nvcc, for the GPU too. It is the project's only macro of this
/// kind.
#define ON_DEVICE __host__ __device__
#else
#define ON_DEVICE
#endif
