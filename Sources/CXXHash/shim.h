#ifndef CXXHASH_SHIM_H
#define CXXHASH_SHIM_H

// Owns the import of libxxhash (0.8 or later, the first with a stable XXH3).
#include <xxhash.h>

#endif
