# cpack: two Debian packages, mneme with the programs and libmneme-dev with what other projects need. Build them by the
# preset `package`, whose code runs on every x86-64 processor; the vector kernels still choose theirs at run time.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mneme)
set(CPACK_PACKAGE_VENDOR "The Mneme authors")
set(CPACK_PACKAGE_CONTACT "The Mneme authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL programs dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME mneme)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)

# A project that links our archives needs the -dev packages with which they were built.
set(mneme_dev_packages libfmt-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libssl-dev)
foreach(found_package "MNEME_DNNL_FOUND=libdnnl-dev" "CURL_FOUND=libcurl4-openssl-dev" "LibArchive_FOUND=libarchive-dev"
        "JPEG_FOUND=libjpeg-dev" "MNEME_MATIO_FOUND=libmatio-dev")
  string(REPLACE "=" ";" found_package ${found_package})
  list(GET found_package 0 found)
  if(${found})
    list(GET found_package 1 package)
    list(APPEND mneme_dev_packages ${package})
  endif()
endforeach()
list(JOIN mneme_dev_packages ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libmneme-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_PROGRAMS_DESCRIPTION "Programs that train and compare class-incremental learning methods on CIFAR-100, MNIST, SVHN, ImageNet, Tiny-ImageNet, CUB-200-2011, CORe50 and Landmarks.")
set(CPACK_COMPONENT_DEV_DESCRIPTION "Archives, headers, CMake and pkg-config files of the deep-learning engine and the class-incremental learning suite.")
include(CPack)
