#ifndef CZSTD_SHIM_H
#define CZSTD_SHIM_H

// Owns the import of libzstd (1.4 or later).
#include <zstd.h>

#endif
