# What the machine can do at most: arithmetic by the kernels chosen at run time, memory by a loop that may be fused.
set_source_files_properties(apps/bench/machine.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast")
