# cmake --install: programs, and what other projects need to use the libraries: archives, headers, exported targets with
# their configuration for find_package, and a file for pkg-config.

include(CMakePackageConfigHelpers)
set(mneme_cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mneme)

# --- libraries and headers
install(TARGETS ${MNEME_MODULES} ${MNEME_LIBRARIES} EXPORT mneme-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(EXPORT mneme-targets NAMESPACE mneme:: DESTINATION ${mneme_cmake_folder} COMPONENT dev)
set(header_folders engine layers optim data incremental)
if(MNEME_PROGRAMS)
  list(APPEND header_folders apps)
endif()
foreach(folder ${header_folders})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mneme COMPONENT dev
    FILES_MATCHING PATTERN "*.h" PATTERN "engine/cpu" EXCLUDE PATTERN "engine/cuda" EXCLUDE)
endforeach()
# Of the devices' own headers, those that engine/launch.h includes.
install(FILES ${PROJECT_SOURCE_DIR}/engine/cpu/captured_calls.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mneme/engine/cpu COMPONENT dev)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine/cuda DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mneme/engine COMPONENT dev
  FILES_MATCHING PATTERN "launch.cuh" PATTERN "check.h" PATTERN "gpu.h" PATTERN "grid.h" PATTERN "availability.h")

# --- find_package(mneme)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mneme-config.cmake.in ${PROJECT_BINARY_DIR}/mneme-config.cmake
  INSTALL_DESTINATION ${mneme_cmake_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mneme-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mneme-config.cmake ${PROJECT_BINARY_DIR}/mneme-config-version.cmake
  ${PROJECT_SOURCE_DIR}/third_party/without_configuration.cmake DESTINATION ${mneme_cmake_folder} COMPONENT dev)

# --- pkg-config. Our libraries are archives, so whoever links them links theirs, too.
set(MNEME_PC_REQUIRES fmt nlohmann_json zlib libcrypto)
# A library comes before those that it uses.
set(modules ${MNEME_MODULES})
list(FILTER modules EXCLUDE REGEX "^mneme_apps")
list(REVERSE modules)
list(TRANSFORM modules PREPEND "-l")
list(JOIN modules " " MNEME_PC_LIBS)
string(APPEND MNEME_PC_LIBS " -fopenmp")
if(MNEME_DNNL_FOUND)
  string(APPEND MNEME_PC_LIBS " -ldnnl")
endif()
if(CURL_FOUND AND LibArchive_FOUND)
  list(APPEND MNEME_PC_REQUIRES libcurl libarchive)
endif()
if(JPEG_FOUND)
  list(APPEND MNEME_PC_REQUIRES libjpeg)
endif()
if(MNEME_MATIO_FOUND)
  list(APPEND MNEME_PC_REQUIRES matio)
endif()
if(MNEME_WITH_CUDA)
  string(APPEND MNEME_PC_LIBS " -L${CUDAToolkit_LIBRARY_DIR} -lcublas -lcudart ${MNEME_CUDNN_LIBRARY}")
endif()
list(JOIN MNEME_PC_REQUIRES " " MNEME_PC_REQUIRES)
# Relative, because the folder to install into may be chosen later.
file(RELATIVE_PATH MNEME_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/mneme.pc.in ${PROJECT_BINARY_DIR}/mneme.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mneme.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

# --- programs
if(MNEME_PROGRAMS)
  install(TARGETS ${MNEME_PROGRAM_NAMES} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
endif()

# --- their manual pages and completions
set(MNEME_ZSH_FOLDER ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where completions for zsh are installed")
if(MNEME_PROGRAMS AND NOT CMAKE_CROSSCOMPILING)
  set(pages ${PROJECT_BINARY_DIR}/pages)
  install(DIRECTORY ${pages}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT programs)
  install(DIRECTORY ${pages}/bash/ DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT programs)
  install(DIRECTORY ${pages}/zsh/ DESTINATION ${MNEME_ZSH_FOLDER} COMPONENT programs)
endif()

# --- the licence, where Debian's packages have it
if(MNEME_PROGRAMS)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/mneme RENAME copyright COMPONENT programs)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libmneme-dev RENAME copyright COMPONENT dev)
