# How a folder of the source tree becomes a module: a library of the .cpp files in it, with our warnings, the modules and the
# outside libraries that it may use. CMakeLists.txt lists the modules.

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

# mneme_module(FOLDER MODULE...)  ->  library mneme_A_B from A/B/*.cpp, which may include headers of the modules named, and of
# no other: tests/tools/test_module_arrows.py holds every #include against these lists. Modules are listed before those that
# use them. FOLDER/module.cmake, where there is one, may change `sources`, the list of files, and set `private_libraries`.
set(MNEME_MODULES "")
function(mneme_module folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  set(private_libraries "")
  include(${PROJECT_SOURCE_DIR}/${folder}/module.cmake OPTIONAL)
  string(REPLACE "/" "_" name mneme_${folder})
  string(REGEX MATCH "^[a-z]+" top ${folder})
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC mneme_options mneme_libraries_${top} PRIVATE ${private_libraries})
  foreach(used ${ARGN})
    string(REPLACE "/" "_" used mneme_${used})
    if(NOT TARGET ${used})
      message(FATAL_ERROR "${folder} uses ${used}, which is not listed before it in CMakeLists.txt")
    endif()
    target_link_libraries(${name} PUBLIC ${used})
  endforeach()
  set(MNEME_MODULES ${MNEME_MODULES} ${name} PARENT_SCOPE)
endfunction()

# mneme_programs(FOLDER MODULE...)  ->  a program from each FOLDER/*.cpp, which may include headers of these modules.
function(mneme_programs folder)
  file(GLOB programs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(TRANSFORM ARGN REPLACE "/" "_" OUTPUT_VARIABLE used)
  list(TRANSFORM used PREPEND mneme_)
  foreach(source ${programs})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE ${used})
  endforeach()
endfunction()
