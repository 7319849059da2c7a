# The sources of the engine: its own files, its operations, and the devices.
file(GLOB sources CONFIGURE_DEPENDS engine/*.cpp engine/ops/*.cpp engine/cpu/*.cpp engine/cpu/winograd/*.cpp engine/cuda/*.cpp)
if(MNEME_DNNL_FOUND)
  list(FILTER sources EXCLUDE REGEX "cpu/without_onednn")
else()
  list(FILTER sources EXCLUDE REGEX "cpu/onednn")
endif()
# The vector kernels: one source, compiled for each instruction set; the program chooses one at run time. Only in them may
# the compiler fuse multiplications and additions (fma).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(FILTER sources EXCLUDE REGEX "cpu/isa_other")
  set_source_files_properties(engine/cpu/isa_generic.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast;-march=x86-64")
  set_source_files_properties(engine/cpu/isa_avx2.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast;-march=x86-64-v3;-Wno-psabi")
  set_source_files_properties(engine/cpu/isa_avx512.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast;-march=x86-64-v4")
else()
  list(FILTER sources EXCLUDE REGEX "cpu/(isa_x86|isa_avx)")
  set_source_files_properties(engine/cpu/isa_generic.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast")
endif()
# In engine/cuda/, files that need the CUDA toolkit end in .cu or .cuh; the rest is plain C++ and part of every build.
if(MNEME_WITH_CUDA)
  list(FILTER sources EXCLUDE REGEX "cuda/stub")
  file(GLOB cuda CONFIGURE_DEPENDS engine/cuda/*.cu)
  list(APPEND sources ${cuda})
  list(JOIN CMAKE_CUDA_ARCHITECTURES "," architectures)
  set_source_files_properties(engine/cuda/gpu.cu PROPERTIES COMPILE_DEFINITIONS "MNEME_CUDA_ARCHITECTURES=\"${architectures}\"")
  # Only nvcc's sources see the vendor's headers; nvcc knows where the toolkit's are.
  list(APPEND MNEME_PRIVATE_engine $<LINK_ONLY:CUDA::cublas> mneme::cudnn)
endif()
