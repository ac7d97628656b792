// What the machine refuses when a module is to be run. Traps are not errors: they are the process's state.

import WebAssembly

package enum MachineError: Error, Sendable {
    /// The bytes are no module: where, and the specification's wording.
    case malformed(text: String, offset: Int)
    /// A module that does not validate: where, in which function, and the specification's wording.
    case invalid(text: String, offset: Int, function: Int?)
    /// Imports that there are not, each as `module.name (what)`; the module that the first is to come from.
    case missingImports([String], from: String)
    /// An import that is there with another type: the import, what it has, what is asked.
    case importType(name: String, exported: String, asked: String)
    /// An import that is there as something of another kind: the import, what is there, what is asked.
    case importKind(name: String, exported: String, asked: String)
    /// A module that is linked to is refused: its name, and why.
    indirect case link(name: String, MachineError)
    /// Two modules are linked under one name.
    case linkedTwice(String)
    /// No such exported function; the functions that are exported, and one of them that could be run.
    case noExport(name: String, exports: [String], other: String?)
    /// The function to run takes parameters, which there is nobody to give.
    case entryType(name: String, type: FunctionType)
    /// The function to run is the host's.
    case entryOfHost(name: String)
    /// A module that is linked to exports an `_initialize` that takes or returns something.
    case initializeType(FunctionType)
    /// A segment that does not fit into the memory or table as it begins.
    case segmentOutside(segment: String, index: Int)
    /// Modules that, loaded, take more together than the working set may have, in bytes.
    case tooMuchCode(bytes: UInt64, bound: UInt64)
    /// More than this version holds: what, the bound, what the module has.
    case tooLarge(what: String, bound: Int, found: Int)
}

extension FunctionType {
    /// Parameters and results, as in `(i32 i32) -> (i32)`.
    package var text: String {
        func list(_ types: [ValueType]) -> String { "(" + types.map { "\($0)" }.joined(separator: " ") + ")" }
        return "\(list(parameters)) -> \(list(results))"
    }
}
