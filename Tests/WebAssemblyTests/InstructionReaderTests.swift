// The reader that lowering and validation share: immediates, offsets, and what is no instruction.

import Testing
import WebAssembly

struct InstructionReaderTests {
    private func read(_ bytes: [UInt8], from start: Int = 0) throws -> [DecodedInstruction] {
        try bytes.withUnsafeBufferPointer { bytes in
            var reader = InstructionReader(bytes, in: start..<bytes.count)
            var all: [DecodedInstruction] = []
            while let next = try reader.next() {
                all.append(next)
                #expect(reader.offset > next.offset)
            }
            #expect(reader.offset == bytes.count)
            return all
        }
    }

    private func error(_ bytes: [UInt8]) -> DecodeError? {
        do {
            _ = try read(bytes)
            return nil
        } catch {
            return error as? DecodeError
        }
    }

    @Test(arguments: Instruction.allCases)
    func readsEveryRowOfTheTableAndNothingAfterIt(_ instruction: Instruction) throws {
        let all = try read([0x01] + instruction.shortest + [0x01])
        #expect(all.map(\.instruction) == [.nop, instruction, .nop])
        #expect(all.map(\.offset) == [0, 1, 1 + instruction.shortest.count])
    }

    @Test(arguments: Instruction.allCases.filter { $0.shortest.count > 1 })
    func refusesToReadBeyondTheEnd(_ instruction: Instruction) {
        let found = error(instruction.shortest.dropLast())
        #expect(found?.description.hasPrefix("unexpected end") == true)
    }

    @Test func givesImmediatesAsWords() throws {
        let all = try read(
            [0x41, 0x7F]  // i32.const -1
                + [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F]  // i64.const minimum
                + [0x43, 0x01, 0x02, 0x03, 0x84] + [0x44, 1, 2, 3, 4, 5, 6, 7, 0x88]
                + [0x29, 0x03, 0x80, 0x01]  // i64.load align=8 offset=128
                + [0x11, 0x05, 0x02] + [0xFC, 0x0C, 0x03, 0x04] + [0xFC, 0x0E, 0x05, 0x06] + [0xD0, 0x6F])
        #expect(
            all.map(\.first) == [
                0xFFFF_FFFF, 0x8000_0000_0000_0000, 0x8403_0201, 0x8807_0605_0403_0201, 128, 5, 3, 5, 0x6F,
            ])
        #expect(all.map(\.second) == [0, 0, 0, 0, 3, 2, 4, 6, 0])
    }

    @Test func givesLabelsAndTypesAsRanges() throws {
        let bytes: [UInt8] = [0x0E, 0x03, 0x01, 0x80, 0x01, 0x02, 0x07, 0x1C, 0x02, 0x7F, 0x6F]
        let all = try read(bytes)
        #expect(all[0].first == 3)
        #expect(all[0].second == 7)
        bytes.withUnsafeBufferPointer { #expect(Array(IndexList($0, in: all[0].list)) == [1, 128, 2]) }
        #expect(all[1].first == 2)
        #expect(all[1].second == 0x7F)
        #expect(bytes[all[1].list].elementsEqual([0x7F, 0x6F]))
    }

    @Test(arguments: [
        ([0x40] as [UInt8], BlockType.empty), ([0x7E], .value(.i64)), ([0x70], .value(.funcref)), ([0x05], .type(5)),
        ([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], .type(0xFFFF_FFFF)),
    ])
    func givesBlockTypes(_ bytes: [UInt8], _ type: BlockType) throws {
        #expect(try read([0x02] + bytes).first?.blockType == type)
    }

    @Test(arguments: [
        ([0x27] as [UInt8], "illegal opcode 0x27"),
        ([0xFF], "illegal opcode 0xff"),
        ([0x06, 0x40], "illegal opcode 0x6: exceptions are not supported"),
        ([0x12, 0x00], "illegal opcode 0x12: tail calls are not supported"),
        ([0x14, 0x00], "illegal opcode 0x14: typed function references are not supported"),
        ([0xFD, 0x0C], "illegal opcode 0xfd 12: vectors (SIMD) are not supported"),
        ([0xFE, 0x00], "illegal opcode 0xfe 0: threads are not supported"),
        ([0xFB, 0x01], "illegal opcode 0xfb 1: garbage-collected types are not supported"),
        ([0xFC, 0x12], "illegal opcode 0xfc 18"),
        ([0xFC, 0x80, 0x80, 0x04], "illegal opcode 0xfc 65536"),
        ([0x02, 0x7B], "malformed block type -5: vectors (SIMD) are not supported"),
        ([0x02, 0x41], "malformed block type -63"),
        ([0x28, 0x42, 0x00], "malformed memop flags 66: several memories (multi-memory) are not supported"),
        ([0x28, 0x20, 0x00], "malformed memop flags 32"),
        ([0x3F, 0x01], "zero byte expected, found 0x1"),
        ([0xD0, 0x7F], "malformed reference type 0x7f"),
        ([0x1C, 0x01, 0x40], "malformed value type 0x40"),
        ([0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "integer representation too long"),
        ([0x20, 0x80, 0x80, 0x80, 0x80, 0x10], "integer too large"),
        ([0x41, 0x80, 0x80, 0x80, 0x80, 0x70], "integer too large"),
        ([0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E], "integer too large"),
        ([0x0E, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00], "unexpected end of section or function: 4294967295 items"),
    ])
    func refusesWithItsName(_ bytes: [UInt8], _ text: String) {
        #expect(error(bytes)?.description.hasPrefix(text) == true, "\(error(bytes)?.description ?? "accepted")")
    }

    @Test func staysWithinTheBytesWhateverTheRange() throws {
        let bytes: [UInt8] = [0x01, 0x01]
        let count = try bytes.withUnsafeBufferPointer { bytes in
            var reader = InstructionReader(bytes, in: 1..<1_000)
            var count = 0
            while try reader.next() != nil { count += 1 }
            return count
        }
        #expect(count == 1)
    }
}
