// A module as the host runs it: compiled code, and which host function each import is. A cache, rebuilt from the
// binary in the module's space.

import Interpreter
import WebAssembly

final class LoadedModule {
    let compiled: CompiledModule
    /// Number in `HostFunction.all` of each imported function.
    let hostFunctions: [Int]

    /// The imports were found when the module was installed.
    init(_ validated: ValidatedModule, bytes: [UInt8], types: FunctionTypeTable) {
        compiled = CompiledModule(
            validated.module, maximumHeights: validated.facts.maximumHeight, bytes: bytes, types: types)
        hostFunctions = validated.module.imports.compactMap { each in
            guard case .function = each.kind else { return nil }
            return HostFunction.number(module: each.module, name: each.name)
        }
        precondition(
            hostFunctions.count == validated.module.importedFunctionCount, "imports are found at installation")
    }
}
