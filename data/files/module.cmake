# Each reader that needs an optional library has a stub that says so.
if(CURL_FOUND AND LibArchive_FOUND)
  list(FILTER sources EXCLUDE REGEX "download_stub")
else()
  list(FILTER sources EXCLUDE REGEX "/(download|unpack)\\.cpp")
endif()
