// Requests as bytes of the journal: what is read is what was written, and nothing else is read as anything.

import Foundation
import Testing
import World

@Suite struct RequestCodingTests {
    private static let whole = RunRequest(
        module: Data([0, 97, 115, 109]),
        links: [LinkedModule(name: "a", module: Data([1])), LinkedModule(name: "bé", module: Data())], name: "p",
        defaultName: "q", arguments: ["p", "", "ä ö"], environment: ["K=V"], invoke: "main", bank: "root/a",
        meter: "root/m", gas: .max - 1, limitBytes: 0, logBytes: 4_096, input: Data([255, 0]), inputEnds: true)

    static let requests: [Request] = [
        .run(whole), .run(RunRequest(module: Data(), defaultName: "")),
        .run(RunRequest(module: Data(), defaultName: "p", grants: [])),
        .run(
            RunRequest(
                module: Data([1]), defaultName: "p",
                grants: [KeyGrant(register: 31, key: "start:a/3"), KeyGrant(register: 6, key: "")])),
        .send(process: "echo", data: Data("hi\n".utf8), ends: false), .send(process: "", data: Data(), ends: true),
        .kill(process: "a"), .stop(process: "id:7"), .resume(process: "ü"), .remove(process: "b"),
        .createBank(path: "root/a", BankTermsRequest()),
        .createBank(
            path: "root/b",
            BankTermsRequest(limitBytes: .limited(.max), limitCells: .unlimited, reserveBytes: 4_096)),
        .setBank(path: "root/a", BankTermsRequest(limitBytes: .unlimited, limitCells: .limited(0))),
        .moveProcess(process: "a", bank: "root"), .destroyBank(path: "root/a", .reclaim),
        .destroyBank(path: "root/a", .returnToParent),
        .createMeter(CreateMeterRequest(path: "root/m", gas: 5, weight: 1_000, bank: "root/a")),
        .createMeter(CreateMeterRequest(path: "root/n")), .refillMeter(path: "root/m", gas: 1 << 40),
        .setMeter(path: "root/m", MeterTermsRequest(gas: .unlimited, weight: 3)),
        .setMeter(path: "root/m", MeterTermsRequest()), .moveToMeter(process: "a", meter: "root/m"),
        .destroyMeter(path: "root/m"), .grantKey(process: "a", register: 31, key: "start:b/7"),
        .revokeKey(process: "id:3", register: .max),
    ]

    @Test(arguments: requests) func isReadAsItWasWritten(request: Request) throws {
        let bytes = request.encoded()
        var reader = RequestReader(bytes + [9])
        #expect(try Request(from: &reader) == request)
        #expect(try reader.byte() == 9 && reader.isAtEnd)
        // Every part of it is needed.
        for count in 0..<bytes.count {
            var cut = RequestReader(Array(bytes[..<count]))
            #expect(throws: RequestDecodingError.self, "\(count) of \(bytes.count)") { try Request(from: &cut) }
        }
    }

    @Test func theBytesAreThoseOfTheSpecification() {
        let send = Request.send(process: "ab", data: Data([7, 8, 9]), ends: true)
        #expect(send.encoded() == [2, 2, 0, 0, 0, 97, 98, 1, 3, 0, 0, 0, 7, 8, 9])
        let bank = Request.setBank(path: "root", BankTermsRequest(limitBytes: .limited(258), limitCells: .unlimited))
        #expect(
            bank.encoded() == [8, 4, 0, 0, 0, 114, 111, 111, 116] + [1, 1, 2, 1, 0, 0, 0, 0, 0, 0] + [1, 0] + [0])
        let meter = Request.setMeter(path: "m", MeterTermsRequest(weight: 2))
        #expect(meter.encoded() == [13, 1, 0, 0, 0, 109] + [0] + [1, 2, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Whatever the bytes are, they are a request or an error, and nothing is allocated for what is not there.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func anyBytesAreReadOrRefused(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            var bytes = (Self.requests.randomElement(using: &generator) ?? .kill(process: "a")).encoded()
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[at] =
                    [0, 1, 255, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator) ?? 0
            }
            var reader = RequestReader(bytes)
            do throws(RequestDecodingError) {
                let read = try Request(from: &reader)
                #expect(read.encoded() == Array(bytes[..<reader.offset]), "seed \(seed)")
            } catch {
                #expect(error.offset <= bytes.count)
            }
        }
    }
}
