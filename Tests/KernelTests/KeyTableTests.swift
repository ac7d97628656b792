// The tables of `specs/keys/` and the code say the same: every order and every code, with its name and number.

import Foundation
import Kernel
import Objects
import Testing

@Suite struct KeyTableTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "specs/keys")

    /// The first two cells of the rows of a page's tables whose columns begin with these titles, without the marks of code.
    private static func rows(_ page: String, _ first: String, _ second: String) throws -> [String: Int] {
        let text = try String(contentsOf: folder.appending(path: page), encoding: .utf8)
        var found: [String: Int] = [:]
        var isWithin = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            if !line.hasPrefix("|") {
                isWithin = false
            } else if cells.count > 1, cells[0] == first, cells[1] == second {
                isWithin = true
            } else if isWithin, cells.count > 1, let number = Int(cells[1]) {
                #expect(found.updateValue(number, forKey: cells[0]) == nil, "\(cells[0]) stands there once")
            }
        }
        return found
    }

    private static func orders<Order: RawRepresentable<UInt32> & CaseIterable>(_ type: Order.Type) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: Order.allCases.map { ("\($0)", Int($0.rawValue)) })
    }

    @Test func everyOrderIsInItsTable() throws {
        #expect(try Self.rows("README.md", "order", "code") == Self.orders(CommonOrder.self))
        #expect(try Self.rows("../keepers.md", "order", "code") == Self.orders(KeeperOrder.self))
        let pages = [
            "number.md": Self.orders(NumberOrder.self), "discrim.md": Self.orders(DiscrimOrder.self),
            "page.md": Self.orders(PageOrder.self), "node.md": Self.orders(NodeOrder.self),
            "bank.md": Self.orders(BankOrder.self), "forwarder.md": Self.orders(ForwarderOrder.self),
            "process.md": Self.orders(ProcessOrder.self), "meter.md": Self.orders(MeterOrder.self),
            "device.md": Self.orders(DeviceOrder.self), "sealer.md": Self.orders(SealerOrder.self),
            "unsealer.md": Self.orders(UnsealerOrder.self), "checkpoint.md": Self.orders(CheckpointKeyOrder.self),
        ]
        for (page, orders) in pages {
            #expect(try Self.rows(page, "order", "code") == orders, "\(page)")
        }
        // A page with orders that nobody compares would say what it likes.
        for page in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path) where pages[page] == nil {
            #expect(try page == "README.md" || Self.rows(page, "order", "code").isEmpty, "\(page)")
        }
    }

    /// What C programs include has the same orders and rights.
    @Test func everyOrderIsInTheHeader() throws {
        let headers = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "tools/kit/c/keyvm")
        let text = try FileManager.default.contentsOfDirectory(atPath: headers.path)
            .map { try String(contentsOf: headers.appending(path: $0), encoding: .utf8) }.joined()
        func has(_ name: String, _ value: Int) -> Bool {
            text.contains("    KEYVM_\(name.uppercased().replacing(" ", with: "_")) = \(value),")
        }
        let kinds = [
            "page": Self.orders(PageOrder.self), "node": Self.orders(NodeOrder.self),
            "bank": Self.orders(BankOrder.self),
            "forwarder": Self.orders(ForwarderOrder.self), "process": Self.orders(ProcessOrder.self),
            "meter": Self.orders(MeterOrder.self), "device": Self.orders(DeviceOrder.self),
            "sealer": Self.orders(SealerOrder.self), "unsealer": Self.orders(UnsealerOrder.self),
            "checkpoint": Self.orders(CheckpointKeyOrder.self),
        ]
        for order in Self.orders(KeeperOrder.self) { #expect(has("keeper \(order.key)", order.value)) }
        for (kind, orders) in kinds {
            for (order, code) in orders where order != "weaken" {
                #expect(has("\(kind) order \(order)", code), "\(kind) \(order)")
            }
        }
        for (name, kind) in [
            ("page", KeyKind.page), ("node", .node), ("bank", .bank), ("process", .process), ("meter", .meter),
            ("checkpoint", .checkpoint),
        ] {
            for right in Key.rights(of: kind) {
                #expect(has("\(name) \(right.name)", Int(right.bit)), "\(name) \(right.name)")
            }
        }
        for order in Self.orders(NumberOrder.self) { #expect(has("number \(order.key)", order.value)) }
        for order in Self.orders(DiscrimOrder.self) { #expect(has("discrim \(order.key)", order.value)) }
    }

    @Test func everyCodeIsInItsTable() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
        var codes: [String: Int] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
            if cells.count == 3, let code = Int(cells[0]) { codes[cells[1]] = code }
        }
        let expected = Dictionary(uniqueKeysWithValues: ReplyCode.allCases.map { ("\($0)", Int($0.rawValue)) })
        #expect(codes == expected)
    }

    /// The page of a kind with rights has the order to take them away, which is the same in all.
    @Test func everyRightIsInItsTable() throws {
        for (kind, page) in [
            (KeyKind.page, "page.md"), (.node, "node.md"), (.bank, "bank.md"), (.forwarder, "forwarder.md"),
            (.process, "process.md"), (.meter, "meter.md"), (.checkpoint, "checkpoint.md"),
        ] {
            let rights = Dictionary(uniqueKeysWithValues: Key.rights(of: kind).map { ($0.name, Int($0.bit)) })
            #expect(try Self.rows(page, "right", "bit") == rights, "\(page)")
            #expect(try Self.rows(page, "order", "code")["weaken"] == 1)
        }
    }

    @Test func everyKindIsInItsTable() throws {
        let kinds = (0...14).compactMap { KeyKind(rawValue: UInt8($0)) }
        let expected = Dictionary(uniqueKeysWithValues: kinds.map { ("\($0)", Int($0.rawValue)) })
        #expect(try Self.rows("README.md", "kind", "number") == expected)
    }
}
