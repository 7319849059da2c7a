# Tests of the CUDA device that are programs of their own.

set(stand_in ${CMAKE_CURRENT_SOURCE_DIR}/cuda_stand_in)

# The kernels with shared memory under ThreadSanitizer, and a fault that it must find.
add_executable(cuda_kernel_races ${stand_in}/races.cpp ${stand_in}/threads.cpp ${stand_in}/block.cpp)
mneme_as_device_code(${stand_in}/races.cpp)
target_link_libraries(cuda_kernel_races PRIVATE mneme_options fmt::fmt)
target_include_directories(cuda_kernel_races PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(cuda_kernel_races PRIVATE -O1 -g1 -fsanitize=thread -Wno-tsan)
target_link_options(cuda_kernel_races PRIVATE -fsanitize=thread)
add_test(NAME cuda_kernel_races COMMAND cuda_kernel_races)
add_test(NAME cuda_kernel_races_are_found COMMAND cuda_kernel_races without-barrier)
set_tests_properties(cuda_kernel_races_are_found PROPERTIES PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race")

# A source that starts kernels and is not compiled as device code is an error, with the way out.
add_test(NAME cuda_launch_without_device_code
  COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only -DMNEME_CUDA_BUILD -I${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/engine/ops/pool.cpp)
set_tests_properties(cuda_launch_without_device_code PROPERTIES PASS_REGULAR_EXPRESSION "name it in mneme_device_sources")

# The test `unit` runs everything in one order of threads; here is what runs on the CUDA device in two others.
foreach(seed 2 3)
  add_test(NAME cuda_seed_${seed} COMMAND mneme_tests -sf=*cuda*,*/tests/engine/test_*,*/tests/layers/*,*test_captured*,*test_losses*,*test_augment*)
  set_tests_properties(cuda_seed_${seed} PROPERTIES ENVIRONMENT CUDA_STAND_IN_SEED=${seed})
endforeach()
