# The version comes from git, which is asked at build time.
list(APPEND sources ${MNEME_VERSION_SOURCE})
