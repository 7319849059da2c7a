# cmake --build build --target docs: a site from the headers, the READMEs and docs/, in build/docs/html.

find_program(MNEME_DOXYGEN doxygen)
if(NOT MNEME_DOXYGEN)
  return()
endif()
option(MNEME_DOCS_STRICT "Treat warnings of Doxygen as errors in the target docs" OFF)
if(MNEME_DOCS_STRICT)
  set(MNEME_DOCS_STRICT FAIL_ON_WARNINGS)
else()
  set(MNEME_DOCS_STRICT NO)
endif()
configure_file(${PROJECT_SOURCE_DIR}/docs/Doxyfile ${PROJECT_BINARY_DIR}/docs/Doxyfile @ONLY)
add_custom_target(docs
  COMMAND ${MNEME_DOXYGEN} ${PROJECT_BINARY_DIR}/docs/Doxyfile
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  COMMENT "Writing ${PROJECT_BINARY_DIR}/docs/html/index.html" VERBATIM)
