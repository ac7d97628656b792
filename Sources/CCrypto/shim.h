#ifndef KEYVM_CCRYPTO_SHIM_H
#define KEYVM_CCRYPTO_SHIM_H

// Owns the import of libcrypto (OpenSSL 3.0 or later, the first with EVP_MD_fetch).
#include <openssl/evp.h>

#endif
