// The digests of a backup, for tests that change one and make it fit again.

import Crypto
import Foundation

enum BackupChain {
    static func digest(_ data: some DataProtocol) -> [UInt8] { Array(SHA256.hash(data: data)) }
}
