// The program that tools/fuzz runs: libFuzzer's driver around one of two targets, decoder or validator. It is built by
// tools/fuzz alone, with the sanitizers' options, in a package made for it.

import FuzzDriver

/// What the package manager calls the entry of an executable that it links for a sanitizer: `main` stays libFuzzer's.
@_cdecl("FuzzModules_main")
public func fuzzModules(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    let arguments = FuzzArguments(count, arguments)
    switch arguments.target {
    case "decoder": return arguments.fuzz(fuzzDecoder)
    case "validator": return arguments.fuzz(fuzzValidator)
    case "judge": return judge(arguments.words.filter { !$0.hasPrefix("-") })
    default:
        complain("usage: FuzzModules --target=decoder|validator|judge [options of libFuzzer] FOLDER|FILE…")
        return 64
    }
}
