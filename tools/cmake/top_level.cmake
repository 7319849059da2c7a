# Settings of a build of Mneme itself. A project that adds this folder to its own build makes these decisions itself.

get_property(mneme_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT CMAKE_BUILD_TYPE AND NOT mneme_multi_config)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/apps)
find_program(MNEME_CCACHE ccache)
if(MNEME_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MNEME_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${MNEME_CCACHE})
endif()
