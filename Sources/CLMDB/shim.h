#ifndef CLMDB_SHIM_H
#define CLMDB_SHIM_H

// Owns the import of liblmdb (0.9.24 or later of 0.9). Only the target Store imports this module.
#include <lmdb.h>

#endif
