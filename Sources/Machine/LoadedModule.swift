// A module as the host runs it: compiled code, which host function each import is, and what of its active segments is
// laid out in the module's images. A cache, rebuilt from the binary in the module's space.

import Interpreter
import WebAssembly

final class LoadedModule {
    let compiled: CompiledModule
    /// What each imported function is; nil where another instance gives it.
    let hostFunctions: [HostFunction?]
    /// Whether the module's image of the memory holds all that its active data segments write.
    let hasMemoryImage: Bool
    /// Whether its image of table 0 holds all that its active element segments write, in instance 0.
    let hasTableImage: Bool
    /// Bytes that it takes, or would take if all of it were lowered.
    let footprint: Int
    /// Instances of active processes that run it.
    var users = 0

    init(_ validated: ValidatedModule, bytes: [UInt8], types: FunctionTypeTable) {
        compiled = CompiledModule(validated, bytes: bytes, types: types)
        hostFunctions = validated.module.imports.compactMap { each in
            guard case .function = each.kind else { return nil }
            return .some(HostFunction.named(module: each.module, each.name))
        }
        footprint = Int(validated.module.footprint)
        hasMemoryImage = ModuleImages.holdsMemory(validated.module)
        hasTableImage = ModuleImages.holdsTable(validated.module)
    }
}
