# Libraries that are found by their files: mneme::dnnl and mneme::matio. Our build and the installed mneme-config.cmake
# both include this. Debian's libmatio brings no CMake configuration, and that of its oneDNN ends the configuring where
# OpenCL's headers, which a CPU does not need, are missing. Another oneDNN than the system's is found through
# CMAKE_PREFIX_PATH.

foreach(library dnnl matio)
  string(TOUPPER ${library} upper)
  find_path(MNEME_${upper}_INCLUDE NAMES ${library}.hpp ${library}.h)
  find_library(MNEME_${upper}_LIBRARY ${library})
  mark_as_advanced(MNEME_${upper}_INCLUDE MNEME_${upper}_LIBRARY)
  set(MNEME_${upper}_FOUND FALSE)
  if(MNEME_${upper}_INCLUDE AND MNEME_${upper}_LIBRARY)
    set(MNEME_${upper}_FOUND TRUE)
    if(NOT TARGET mneme::${library})
      add_library(mneme::${library} UNKNOWN IMPORTED GLOBAL)
      set_target_properties(mneme::${library} PROPERTIES IMPORTED_LOCATION ${MNEME_${upper}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${MNEME_${upper}_INCLUDE})
    endif()
  endif()
endforeach()
