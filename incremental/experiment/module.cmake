set_source_files_properties(incremental/experiment/settings.cpp PROPERTIES COMPILE_DEFINITIONS MNEME_VERSION="${PROJECT_VERSION}")
