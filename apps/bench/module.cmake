# machine.cpp measures the peak speed of the machine: arithmetic with the kernels chosen at run time, memory with a loop
# that the compiler may fuse.
set_source_files_properties(apps/bench/machine.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast")
