#pragma once
// Which version of Mneme a program was built from. The definitions are written at build time (tools/cmake/version.cmake).

namespace mneme {

/// The release and, behind a "+", what `git describe --always --dirty` said when the library was built:
/// "0.1.0+4c8b426", or "0.1.0" alone where the sources had no git repository. Programs print it for --version, and
/// run.json holds it.
const char* version();

/// The release alone: "0.1.0". Runs of one release go on from each other's checkpoints.
const char* release();

}  // namespace mneme
