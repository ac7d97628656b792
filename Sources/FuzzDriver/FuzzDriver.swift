// libFuzzer's driver, for the programs that tools/fuzz builds: it starts the driver around the target that the arguments
// name. Built by tools/fuzz alone, with the sanitizers' options, in a package made for it.
//
// libFuzzer starts a program again to minimise what it found, with its own arguments; it ignores those that begin with two
// dashes and passes them on, so the target is named by `--target=NAME`.

import Glibc

/// What libFuzzer calls with each input: its bytes and how many; returns 0.
package typealias FuzzTarget = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>, _ target: FuzzTarget
) -> CInt

/// A program's arguments, as `main` has them.
package struct FuzzArguments {
    private let count: CInt
    private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    /// Without the program's own name.
    package let words: [String]

    package init(_ count: CInt, _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        self.count = count
        self.pointers = pointers
        words = (1..<Int(count)).compactMap { pointers[$0].map { String(cString: $0) } }
    }

    /// What `--target=` names.
    package var target: String? {
        words.first { $0.hasPrefix("--target=") }.map { String($0.dropFirst("--target=".count)) }
    }

    /// Fuzzes a target with libFuzzer's options among the arguments; returns the program's exit code.
    package func fuzz(_ target: FuzzTarget) -> CInt {
        var count = count
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = pointers
        return runDriver(&count, &list, target)
    }
}

/// Writes a line to standard error.
package func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
