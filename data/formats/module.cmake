# SVHN's reader needs an optional library; its stub says so.
if(MNEME_MATIO_FOUND)
  list(FILTER sources EXCLUDE REGEX "mat_file_stub")
else()
  list(FILTER sources EXCLUDE REGEX "mat_file\\.cpp")
endif()
