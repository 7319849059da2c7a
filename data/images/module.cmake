if(JPEG_FOUND)
  list(FILTER sources EXCLUDE REGEX "jpeg_turbo_stub")
else()
  list(FILTER sources EXCLUDE REGEX "jpeg_turbo\\.cpp")
endif()
# The coefficients of a damaged image may make the arithmetic of stb_image overflow. This flag defines that it wraps around.
set_source_files_properties(data/images/stb_decoder.cpp PROPERTIES COMPILE_OPTIONS -fwrapv)
set(private_includes ${MNEME_STB_INCLUDE})
