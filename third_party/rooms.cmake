# How a room of the source tree becomes a library: every .cpp below it, our warnings, the rooms and libraries it may use.

# What our own code is compiled with. Every target of ours links it privately, so that no warning and no -march reaches a
# project that uses Mneme.
add_library(mneme_options INTERFACE)
target_compile_options(mneme_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wno-unknown-pragmas -ffp-contract=off>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${MNEME_WERROR}>>:-Werror>
  $<$<COMPILE_LANGUAGE:CXX>:-march=${MNEME_MARCH}>
  # GCC 12 takes inlined string assignments for overlapping copies (its bug 105651)
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
target_link_libraries(mneme_options INTERFACE OpenMP::OpenMP_CXX)
if(MNEME_SANITIZE)
  # Instrumented code makes GCC 12 warn of values that are never read uninitialised.
  target_compile_options(mneme_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MNEME_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all> $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  target_link_options(mneme_options INTERFACE -fsanitize=${MNEME_SANITIZE})
endif()

# mneme_library(ROOM): what all our libraries share. ROOM's target mneme_ROOM exists; others call it mneme::ROOM, whether
# they find an installed Mneme or add this folder to their build.
function(mneme_library room)
  set(target mneme_${room})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:mneme_options>)
  target_link_libraries(${target} PUBLIC ${MNEME_PUBLIC_${room}} PRIVATE ${MNEME_PRIVATE_${room}})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mneme>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${room})
  add_library(mneme::${room} ALIAS ${target})
endfunction()

# mneme_room(NAME ROOM...)  ->  library mneme_NAME from NAME/**.cpp
function(mneme_room name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  add_library(mneme_${name} STATIC ${sources})
  mneme_library(${name})
  foreach(needed ${ARGN})
    target_link_libraries(mneme_${name} PUBLIC mneme_${needed})
  endforeach()
endfunction()
