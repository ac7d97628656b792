// Where things stand in the binary, for errors about them that only show when the whole module is known.

/// Byte offsets of the items that a module defines, each array parallel to the module's (or empty, where the module was
/// not decoded from bytes). Imports and function bodies carry their own.
package struct ItemOffsets: Sendable {
    package var types: [Int] = []
    /// Entries of the function section, which name types.
    package var functions: [Int] = []
    package var tables: [Int] = []
    package var memories: [Int] = []
    package var globals: [Int] = []
    package var exports: [Int] = []
    package var start: Int?
    package var elements: [Int] = []
    package var dataSegments: [Int] = []

    package init() {}
}
