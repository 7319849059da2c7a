# Finds every library we stand on. Required ones stop the configure step with the Debian package to install;
# optional ones switch one feature off and say which.

# mneme_missing(WHAT PACKAGE): one line, then stop.
function(mneme_missing what package)
  message(FATAL_ERROR "${what} was not found. Install it (Debian: apt-get install ${package}) and configure again.")
endfunction()

find_package(OpenMP QUIET COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  mneme_missing("OpenMP" "g++ libgomp1")
endif()
find_package(fmt QUIET)
if(NOT fmt_FOUND)
  mneme_missing("fmt" libfmt-dev)
endif()
find_package(nlohmann_json QUIET)
if(NOT nlohmann_json_FOUND)
  mneme_missing("nlohmann-json" nlohmann-json3-dev)
endif()
find_package(CLI11 QUIET)
if(NOT CLI11_FOUND)
  mneme_missing("CLI11" libcli11-dev)
endif()
find_package(ZLIB QUIET)
if(NOT ZLIB_FOUND)
  mneme_missing("zlib" zlib1g-dev)
endif()
find_package(OpenSSL QUIET COMPONENTS Crypto)
if(NOT OpenSSL_FOUND)
  mneme_missing("OpenSSL" libssl-dev)
endif()
find_path(MNEME_STB_INCLUDE stb_image.h PATH_SUFFIXES stb)
if(NOT MNEME_STB_INCLUDE)
  mneme_missing("stb_image" libstb-dev)
endif()

# mneme_optional(NAME FOUND FEATURE PACKAGE): tells once what a missing library costs.
function(mneme_optional name found feature package)
  if(${found})
    message(STATUS "${name}: found")
  else()
    message(STATUS "${name}: not found; ${feature} (Debian: ${package})")
  endif()
endfunction()

# The outside libraries of each top folder's modules, so that a module links what it includes and no more.
foreach(folder engine layers optim data incremental apps)
  add_library(mneme_libraries_${folder} INTERFACE)
endforeach()
target_link_libraries(mneme_libraries_engine INTERFACE fmt::fmt nlohmann_json::nlohmann_json OpenMP::OpenMP_CXX)
target_link_libraries(mneme_libraries_data INTERFACE fmt::fmt ZLIB::ZLIB OpenSSL::Crypto)
target_include_directories(mneme_libraries_data SYSTEM INTERFACE ${MNEME_STB_INCLUDE})
target_link_libraries(mneme_libraries_apps INTERFACE fmt::fmt CLI11::CLI11)
target_link_libraries(mneme_libraries_incremental INTERFACE fmt::fmt nlohmann_json::nlohmann_json ZLIB::ZLIB)

# The files themselves, not the package's own configuration: Debian's ends the configuring where OpenCL's headers, which a
# CPU does not need, are missing. Another oneDNN than the system's is found through CMAKE_PREFIX_PATH.
find_path(MNEME_DNNL_INCLUDE dnnl.hpp)
find_library(MNEME_DNNL_LIBRARY dnnl)
if(MNEME_DNNL_INCLUDE AND MNEME_DNNL_LIBRARY)
  add_library(DNNL::dnnl UNKNOWN IMPORTED)
  set_target_properties(DNNL::dnnl PROPERTIES IMPORTED_LOCATION ${MNEME_DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${MNEME_DNNL_INCLUDE})
  set(dnnl_FOUND TRUE)
endif()
mneme_optional("oneDNN" dnnl_FOUND "convolutions fall back to slower loops" libdnnl-dev)

find_package(CURL QUIET)
mneme_optional("libcurl" CURL_FOUND "the download verbs are off" libcurl4-openssl-dev)
find_package(LibArchive QUIET)
mneme_optional("libarchive" LibArchive_FOUND "the download verbs are off" libarchive-dev)
if(CURL_FOUND AND LibArchive_FOUND)
  target_link_libraries(mneme_libraries_data INTERFACE CURL::libcurl LibArchive::LibArchive)
endif()

find_package(JPEG QUIET)
mneme_optional("libjpeg-turbo" JPEG_FOUND "JPEG pictures are decoded by stb_image, slower" libjpeg-dev)
if(JPEG_FOUND)
  target_link_libraries(mneme_libraries_data INTERFACE JPEG::JPEG)
endif()

# Debian's package brings no CMake configuration.
find_path(MNEME_MATIO_INCLUDE matio.h)
find_library(MNEME_MATIO_LIBRARY matio)
if(MNEME_MATIO_INCLUDE AND MNEME_MATIO_LIBRARY)
  add_library(mneme::matio UNKNOWN IMPORTED)
  set_target_properties(mneme::matio PROPERTIES IMPORTED_LOCATION ${MNEME_MATIO_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${MNEME_MATIO_INCLUDE})
  target_link_libraries(mneme_libraries_data INTERFACE mneme::matio)
  set(MATIO_FOUND TRUE)
endif()
mneme_optional("libmatio" MATIO_FOUND "SVHN cannot be read" libmatio-dev)
