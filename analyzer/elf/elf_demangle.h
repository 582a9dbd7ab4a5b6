// elf_demangle.h: names of C++ and Rust functions as people write them.

#ifndef FROST_ELF_ELF_DEMANGLE_H
#define FROST_ELF_ELF_DEMANGLE_H

#include "analyzer/base/arena.h"

// The name itself if it is none of C++ (Itanium) or Rust (legacy and v0). Rust's hashes are left
// out, so that a name stays the same from build to build. Memory: the arena.
const char *elf_demangle(struct arena *arena, const char *name);

#endif
