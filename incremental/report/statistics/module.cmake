# Boost.Math consists of headers, and only the .cpp files here include them.
set(private_includes ${Boost_INCLUDE_DIRS})
