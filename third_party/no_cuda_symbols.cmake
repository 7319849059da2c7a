# cmake -DNM=nm -DPROGRAM=FILE -P no_cuda_symbols.cmake: fails if the program has or wants a symbol of CUDA's libraries.

execute_process(COMMAND ${NM} ${PROGRAM} OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR NOT symbols MATCHES "main")
  message(FATAL_ERROR "${NM} cannot list the symbols of ${PROGRAM}")
endif()
string(REGEX MATCH "[^\n]* _*(cuda[A-Z]|cudaRegister|cudnn[A-Z]|cublas[A-Z])[^\n]*" found "${symbols}")
if(found)
  message(FATAL_ERROR "${PROGRAM} was built without CUDA but holds:${found}")
endif()
