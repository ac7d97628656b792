// What is asked of the decoder and of the validator for any bytes: an answer, and that the answer makes sense. A
// property that does not hold ends the program, which libFuzzer takes for a crash and keeps.

import FuzzDriver
import Glibc
import WebAssembly

/// Decodes; an error must stand within the bytes, a module must lie within them.
func fuzzDecoder(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: size)
    do throws(DecodeError) {
        let module = try Module(decoding: bytes)
        checkItems(of: module, size)
        for body in module.functions { readToEnd(body, bytes) }
    } catch {
        precondition((0...size).contains(error.offset), "an error stands within the bytes")
        precondition(!error.description.isEmpty, "an error has a text")
    }
    return 0
}

/// Decodes and validates; whatever is valid must be readable again, have a height for each function, and the same
/// answer must come from the same bytes at another place.
func fuzzValidator(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: size)
    let first = validate(bytes)
    let copy = Array(bytes)
    precondition(copy.withUnsafeBufferPointer { validate($0) } == first, "the answer depends on the bytes alone")
    return 0
}

/// Says of each file whether it is valid, a line each: to be compared with what others say.
func judge(_ paths: [String]) -> CInt {
    for path in paths {
        guard let file = fopen(path, "r") else {
            complain("\(path): cannot be read")
            return 1
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        print(path, bytes.withUnsafeBufferPointer { validate($0) } ?? "valid", separator: "\t")
    }
    return 0
}

/// What is wrong with the bytes; nil where nothing is.
private func validate(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    do throws(ModuleError) {
        let valid = try ValidatedModule(bytes: bytes)
        let heights = valid.facts.maximumHeight
        precondition(heights.count == valid.module.functions.count, "a height for each function")
        for (body, height) in zip(valid.module.functions, heights) {
            let slots = valid.module.types[body.typeIndex].parameters.count + body.localCount + height
            precondition(slots <= ImplementationLimit.frameSlots.maximum, "frames are bounded")
            precondition(readToEnd(body, bytes), "a valid body can be read to its end")
        }
        return nil
    } catch {
        precondition((0...bytes.count).contains(error.offset), "an error stands within the bytes")
        return error.description
    }
}

/// That the module has no more of anything than the bytes have room for.
private func checkItems(of module: Module, _ size: Int) {
    precondition(module.byteCount == size, "the module knows its size")
    let items =
        module.types.count + module.imports.count + module.functions.count + module.tables.count
        + module.memories.count + module.globals.count + module.exports.count + module.elements.count
        + module.dataSegments.count
    precondition(items <= size, "an item takes a byte at least")
    for segment in module.dataSegments {
        precondition(segment.bytes.lowerBound >= 0 && segment.bytes.upperBound <= size, "data within the bytes")
    }
    for body in module.functions {
        precondition(body.code.lowerBound >= 0 && body.code.upperBound <= size, "bodies within the bytes")
    }
}

/// Whether the body's bytes are instructions up to its last `end`. Each instruction begins where the one before ended.
@discardableResult
private func readToEnd(_ body: FunctionBody, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var reader = InstructionReader(bytes, in: body.code)
    var end = body.code.lowerBound
    var last: Instruction?
    while true {
        do throws(DecodeError) {
            guard let next = try reader.next() else { return last == .end }
            precondition(next.offset == end && reader.offset > end, "instructions without gaps")
            precondition(next.list.lowerBound >= next.offset && next.list.upperBound <= reader.offset, "lists within")
            if next.instruction.immediates == .labels {
                var count: UInt64 = 0
                for _ in IndexList(bytes, in: next.list) { count += 1 }
                precondition(count == next.first, "as many labels as announced")
            }
            end = reader.offset
            last = next.instruction
        } catch {
            let range = body.code.lowerBound...body.code.upperBound
            precondition(range.contains(error.offset), "an error stands within the body")
            return false
        }
    }
}
