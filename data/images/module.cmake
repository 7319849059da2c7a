if(JPEG_FOUND)
  list(FILTER sources EXCLUDE REGEX "jpeg_turbo_stub")
else()
  list(FILTER sources EXCLUDE REGEX "jpeg_turbo\\.cpp")
endif()
# What stb_image computes from a damaged picture's coefficients may overflow; so it wraps around, whatever the compiler.
set_source_files_properties(data/images/stb_decoder.cpp PROPERTIES COMPILE_OPTIONS -fwrapv)
set(private_includes ${MNEME_STB_INCLUDE})
