// The segments of a module as engines read them for `memory.init` and `table.init`: data in place, elements as words.
// Element segments that are not passive have their words only where an instance has no image of them: with one they count as dropped
// before anything runs.

import WebAssembly

/// Data and element segments. The bytes must outlive it.
final class ModuleSegments {
    let views: SegmentViews
    private let segments: [ElementSegment]
    private var hasActiveWords = false

    init(_ module: Module, bytes: UnsafeBufferPointer<UInt8>) {
        let data = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(capacity: max(1, module.dataSegments.count))
        for (index, segment) in module.dataSegments.enumerated() {
            (data + index).initialize(to: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[segment.bytes])))
        }
        let elements = UnsafeMutablePointer<UnsafeBufferPointer<UInt64>>.allocate(
            capacity: max(1, module.elements.count))
        elements.initialize(repeating: UnsafeBufferPointer(start: nil, count: 0), count: module.elements.count)
        segments = module.elements
        views = SegmentViews(
            data: data, dataCount: module.dataSegments.count, elements: elements, elementCount: module.elements.count)
        for (index, segment) in segments.enumerated() where segment.mode == .passive { makeWords(of: index) }
    }

    /// Makes the words of active and declarative segments too.
    func makeActiveWords() {
        guard !hasActiveWords else { return }
        hasActiveWords = true
        for (index, segment) in segments.enumerated() where segment.mode != .passive { makeWords(of: index) }
    }

    private func makeWords(of index: Int) {
        let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: segments[index].items.count)
        _ = words.initialize(from: segments[index].items.map(Self.word))
        views.elements[index] = UnsafeBufferPointer(words)
    }

    deinit {
        for index in 0..<views.elementCount { views.elements[index].deallocate() }
        views.elements.deallocate()
        views.data.deallocate()
    }

    /// An item of an element segment; globals are looked up when it is used.
    private static func word(_ item: ConstantExpression) -> UInt64 {
        switch item {
        case .refFunc(let index): Reference.function(UInt32(index))
        case .globalGet(let index): Reference.globalBit | UInt64(index)
        case .refNull, .i32, .i64, .f32, .f64: Reference.null
        }
    }
}
