// The program that tools/fuzz runs: libFuzzer's driver around one of two targets, decoder or validator. It is built by
// tools/fuzz alone, with the sanitizers' options, in a package made for it.
//
// libFuzzer starts itself again to minimise what it found, with its own arguments; it ignores those that begin with two
// dashes and passes them on, so the target is named by `--target=NAME`.

import Glibc

private typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>, _ target: Target
) -> CInt

/// What the package manager calls the entry of an executable that it links for a sanitizer: `main` stays libFuzzer's.
@_cdecl("FuzzModules_main")
public func fuzzModules(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    let words = (1..<Int(count)).compactMap { arguments[$0].map { String(cString: $0) } }
    let target: Target
    switch words.first(where: { $0.hasPrefix("--target=") }) {
    case "--target=decoder": target = fuzzDecoder
    case "--target=validator": target = fuzzValidator
    case "--target=judge":
        return judge(words.filter { !$0.hasPrefix("-") })
    default:
        complain("usage: FuzzModules --target=decoder|validator|judge [options of libFuzzer] FOLDER|FILE…")
        return 64
    }
    var count = count
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments
    return runDriver(&count, &list, target)
}

/// Writes a line to standard error.
func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
