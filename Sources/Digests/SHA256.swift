// SHA-256 by libcrypto: what names modules, hashes worlds, seals backups and makes entropy.

import CCrypto

/// A SHA-256 (FIPS 180-4) under way: bytes are added, then it is finished, once.
package final class SHA256 {
    /// Bytes of a digest.
    package static let bytes = 32

    /// Found once: looking it up takes longer than hashing a little.
    private nonisolated(unsafe) static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else { preconditionFailure("libcrypto has SHA-256") }
        return algorithm
    }()

    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1 else {
            preconditionFailure("there is memory for a digest")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
            preconditionFailure("a digest that is not finished takes bytes")
        }
    }

    package func update(_ bytes: some Collection<UInt8>) {
        let isTaken: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if isTaken == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// The digest, 32 bytes.
    package func finalize() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.bytes) { buffer, count in
            guard EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1 else {
                preconditionFailure("a digest is finished once")
            }
            count = Self.bytes
        }
    }

    /// The digest of bytes, 32 bytes.
    package static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }
}
