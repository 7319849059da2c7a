# PDF and PNG need an optional library; its stub says so.
if(MNEME_RSVG_FOUND)
  list(FILTER sources EXCLUDE REGEX "picture_stub")
  list(APPEND MNEME_PRIVATE_apps $<BUILD_INTERFACE:PkgConfig::MNEME_RSVG>)  # the program's alone, not that of projects that use ours
else()
  list(FILTER sources EXCLUDE REGEX "/picture\\.cpp")
endif()
