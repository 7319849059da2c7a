# The version is asked of git at build time.
list(APPEND sources ${MNEME_VERSION_SOURCE})
