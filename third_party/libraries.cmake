# Finds every library we stand on. Required ones stop the configure step with the Debian package to install;
# optional ones switch one feature off and say which.

# mneme_missing(WHAT PACKAGE): one line, then stop.
function(mneme_missing what package)
  message(FATAL_ERROR "${what} was not found. Install it (Debian: apt-get install ${package}) and configure again.")
endfunction()

# A project that adds Mneme's folder to its build links these libraries too, and so must see their targets.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

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
if(MNEME_PROGRAMS AND NOT CLI11_FOUND)
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

find_package(Boost QUIET)
if(NOT Boost_FOUND)
  mneme_missing("Boost (Boost.Math, headers only)" libboost-dev)
endif()

# mneme_optional(NAME FOUND FEATURE PACKAGE): tells once what a missing library costs.
function(mneme_optional name found feature package)
  if(${found})
    message(STATUS "${name}: found")
  else()
    message(STATUS "${name}: not found; ${feature} (Debian: ${package})")
  endif()
endfunction()

# Each room's outside libraries, so that a room links what it includes and no more: those that its headers include are
# public, the others are linked only.
set(MNEME_PUBLIC_engine fmt::fmt)
set(MNEME_PRIVATE_engine nlohmann_json::nlohmann_json OpenMP::OpenMP_CXX)
set(MNEME_PUBLIC_data fmt::fmt)
set(MNEME_PRIVATE_data ZLIB::ZLIB OpenSSL::Crypto)
set(MNEME_PUBLIC_incremental fmt::fmt nlohmann_json::nlohmann_json)
set(MNEME_PRIVATE_incremental ZLIB::ZLIB)
set(MNEME_PUBLIC_apps CLI11::CLI11)

include(${CMAKE_CURRENT_LIST_DIR}/without_configuration.cmake)
mneme_optional("oneDNN" MNEME_DNNL_FOUND "convolutions fall back to slower loops" libdnnl-dev)
if(MNEME_DNNL_FOUND)
  list(APPEND MNEME_PRIVATE_engine mneme::dnnl)
endif()

find_package(CURL QUIET)
mneme_optional("libcurl" CURL_FOUND "the download verbs are off" libcurl4-openssl-dev)
find_package(LibArchive QUIET)
mneme_optional("libarchive" LibArchive_FOUND "the download verbs are off" libarchive-dev)
if(CURL_FOUND AND LibArchive_FOUND)
  list(APPEND MNEME_PRIVATE_data CURL::libcurl LibArchive::LibArchive)
endif()

find_package(JPEG QUIET)
mneme_optional("libjpeg-turbo" JPEG_FOUND "JPEG pictures are decoded by stb_image, slower" libjpeg-dev)
if(JPEG_FOUND)
  list(APPEND MNEME_PRIVATE_data JPEG::JPEG)
endif()

mneme_optional("libmatio" MNEME_MATIO_FOUND "SVHN cannot be read" libmatio-dev)
if(MNEME_MATIO_FOUND)
  list(APPEND MNEME_PRIVATE_data mneme::matio)
endif()
