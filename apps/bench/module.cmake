# What this very machine can do at most is measured with all its instructions, whatever the rest is built for.
set_source_files_properties(apps/bench/machine.cpp PROPERTIES COMPILE_OPTIONS "-O3;-ffp-contract=fast;-march=native")
