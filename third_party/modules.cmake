# How a folder of the source tree becomes a module: a library of the .cpp files in it, with our warnings, the modules and the
# outside libraries that it may use. CMakeLists.txt lists the modules.

# The flags of our own code. Every target of ours links it privately, so that no warning and no -march reaches a
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
  # In instrumented code GCC 12 warns of uninitialised values where there are none.
  target_compile_options(mneme_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${MNEME_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all> $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  target_link_options(mneme_options INTERFACE -fsanitize=${MNEME_SANITIZE})
endif()

# mneme_module(FOLDER MODULE...)  ->  library mneme_A_B from A/B/*.cpp, which may include headers of the modules named, and of
# no other: tests/tools/test_module_arrows.py holds every #include against these lists. Modules are listed before those that
# use them. FOLDER/module.cmake, where there is one, may change `sources`, the list of files, and set
# `private_includes`, folders of outside headers. A module links the outside
# libraries of its top folder A: MNEME_PUBLIC_A and MNEME_PRIVATE_A of libraries.cmake.
set(MNEME_MODULES "")
function(mneme_module folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  set(private_includes "")
  include(${PROJECT_SOURCE_DIR}/${folder}/module.cmake OPTIONAL)
  string(REPLACE "/" "_" name ${folder})
  string(REGEX MATCH "^[a-z]+" top ${folder})
  set(target mneme_${name})
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:mneme_options>)
  target_link_libraries(${target} PUBLIC ${MNEME_PUBLIC_${top}} PRIVATE ${MNEME_PRIVATE_${top}})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mneme>)
  target_include_directories(${target} SYSTEM PRIVATE ${private_includes})
  target_compile_features(${target} PUBLIC cxx_std_20)
  # The linker keeps one copy of an inline function, ours or that of a program that uses us: so both must round alike.
  target_compile_options(${target} INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  add_library(mneme::${name} ALIAS ${target})
  foreach(used ${ARGN})
    string(REPLACE "/" "_" used mneme_${used})
    if(NOT TARGET ${used})
      message(FATAL_ERROR "${folder} uses ${used}, which is not listed before it in CMakeLists.txt")
    endif()
    target_link_libraries(${target} PUBLIC ${used})
  endforeach()
  set(MNEME_MODULES ${MNEME_MODULES} ${target} PARENT_SCOPE)
endfunction()

# mneme_library_of(FOLDER): all modules below a top folder as one library, mneme::FOLDER, for projects that use Mneme.
function(mneme_library_of folder)
  set(modules ${MNEME_MODULES})
  list(FILTER modules INCLUDE REGEX "^mneme_${folder}_")
  add_library(mneme_${folder} INTERFACE)
  target_link_libraries(mneme_${folder} INTERFACE ${modules})
  set_target_properties(mneme_${folder} PROPERTIES EXPORT_NAME ${folder})
  add_library(mneme::${folder} ALIAS mneme_${folder})
  set(MNEME_LIBRARIES ${MNEME_LIBRARIES} mneme_${folder} PARENT_SCOPE)
endfunction()

# mneme_programs(FOLDER MODULE...)  ->  a program from each FOLDER/*.cpp, which may include headers of these modules. The
# programs write their own manual pages and completions.
function(mneme_programs folder)
  file(GLOB programs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(TRANSFORM ARGN REPLACE "/" "_" OUTPUT_VARIABLE used)
  list(TRANSFORM used PREPEND mneme_)
  foreach(source ${programs})
    get_filename_component(name ${source} NAME_WE)
    list(APPEND names ${name})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE mneme_options ${used})
    target_link_options(${name} PRIVATE -Wl,--as-needed)  # libraries that one program uses are loaded by that one only
    foreach(page man/${name}.1 bash/${name} zsh/_${name})
      get_filename_component(kind ${page} DIRECTORY)
      set(file ${PROJECT_BINARY_DIR}/pages/${page})
      file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/pages/${kind})
      add_custom_command(OUTPUT ${file} COMMAND ${name} --generate ${kind} > ${file} DEPENDS ${name} VERBATIM)
      list(APPEND pages ${file})
    endforeach()
  endforeach()
  if(NOT CMAKE_CROSSCOMPILING)
    add_custom_target(mneme_pages ALL DEPENDS ${pages})
  endif()
  set(MNEME_PROGRAM_NAMES ${names} PARENT_SCOPE)
endfunction()
