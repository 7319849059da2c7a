# How a room of the source tree becomes a library: every .cpp below it, our warnings, the rooms and libraries it may use.

add_library(mneme_options INTERFACE)
target_include_directories(mneme_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(mneme_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wno-unknown-pragmas -ffp-contract=off>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${MNEME_WERROR}>>:-Werror>
  $<$<COMPILE_LANGUAGE:CXX>:-march=${MNEME_MARCH}>
  # GCC 12 takes inlined string assignments for overlapping copies (its bug 105651)
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(MNEME_SANITIZE)
  # Instrumented code makes GCC 12 warn of values that are never read uninitialised.
  target_compile_options(mneme_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MNEME_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all> $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  target_link_options(mneme_options INTERFACE -fsanitize=${MNEME_SANITIZE})
endif()

# mneme_room(NAME ROOM-OR-TARGET...)  ->  library mneme_NAME from NAME/**.cpp
function(mneme_room name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_library(mneme_${name} STATIC ${sources})
  target_link_libraries(mneme_${name} PUBLIC mneme_options mneme_libraries_${name})
  foreach(needed ${ARGN})
    if(TARGET mneme_${needed})
      target_link_libraries(mneme_${name} PUBLIC mneme_${needed})
    endif()
  endforeach()
endfunction()
