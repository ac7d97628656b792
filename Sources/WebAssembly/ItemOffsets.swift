// Where things stand in the binary, for errors about them that only show when the whole module is known.

/// Byte offsets of the items that a module defines, each array parallel to the module's (or empty, where the module was
/// not decoded from bytes). Imports and function bodies carry their own.
package struct ItemOffsets: Sendable {
    package var types: [UInt32] = []
    /// Entries of the function section, which name types.
    package var functions: [UInt32] = []
    package var tables: [UInt32] = []
    package var memories: [UInt32] = []
    package var globals: [UInt32] = []
    package var exports: [UInt32] = []
    package var start: Int?
    package var elements: [UInt32] = []
    package var dataSegments: [UInt32] = []

    package init() {}
}
