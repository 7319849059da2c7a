# The version, for --version and run.json: the release, and what `git describe` says of the tree. Two uses of this file:
#
#   include(tools/cmake/version.cmake)               declares the target mneme_version, which every build runs, and
#                                              MNEME_VERSION_SOURCE, the source that it writes
#   cmake -D... -P tools/cmake/version.cmake         is that target's command; it leaves a file that is right untouched, so that
#                                              nothing is compiled again

if(NOT CMAKE_SCRIPT_MODE_FILE)
  find_package(Git QUIET)
  set(MNEME_VERSION_SOURCE ${PROJECT_BINARY_DIR}/version/version.cpp)
  add_custom_target(mneme_version
    COMMAND ${CMAKE_COMMAND} -DRELEASE=${PROJECT_VERSION} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUT=${MNEME_VERSION_SOURCE}
      -DGIT=${GIT_EXECUTABLE} -P ${CMAKE_CURRENT_LIST_FILE}
    BYPRODUCTS ${MNEME_VERSION_SOURCE}
    COMMENT "Asking git which version this is" VERBATIM)
  return()
endif()

set(DESCRIBED "")
# Without a repository of its own (a released archive, or a folder inside another project) there is nothing to describe.
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --always --dirty OUTPUT_VARIABLE DESCRIBED
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(DESCRIBED)
  set(DESCRIBED "+${DESCRIBED}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.cpp.in ${OUT} @ONLY)
