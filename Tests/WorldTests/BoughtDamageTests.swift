// Damage to what programs bought: the consistency check names it, and a host that goes on with it does not crash.

import Kernel
import Objects
import Testing
import World

struct BoughtDamageTests {
    struct Patient {
        let objects: Objects
        let bank: CellID
        let shell: CellID

        init(_ objects: Objects, _ kernel: Kernel) throws {
            self.objects = objects
            bank = try kernel.bank(at: "root/g")
            shell = try kernel.process("shell")
        }
    }

    typealias Damage = WorldTests.Damage<Patient>

    static let damages: [Damage] = [
        Damage("nodes of a bank", "BANK-1") { try $0.objects.set($0.bank, BankRecord.boughtCells, 7) },
        Damage("strip of the next page", "STRIP-3") {
            try $0.objects.set($0.bank, BankRecord.dataStrip, $0.objects.get($0.bank, BankRecord.potStrip))
        },
        Damage("strip of the next pot", "STRIP-3") {
            try $0.objects.set($0.bank, BankRecord.potStrip, $0.objects.get($0.bank, BankRecord.dataStrip))
        },
        Damage("strip of another bank", "STRIP-3") {
            let root = CellID(rawValue: try $0.objects.world(WorldPage.rootBank))
            try $0.objects.set($0.bank, BankRecord.dataStrip, $0.objects.get(root, BankRecord.potStrip))
        },
        Damage("resume key in a node that nobody counts", "INVOKE-2") {
            let node = CellID(rawValue: try $0.objects.register(21, of: $0.shell).id)
            let caller = try #require(try $0.objects.processCell(id: $0.objects.get($0.shell, ProcessRecord.id) + 1))
            let key = try Key.resume($0.objects.get(caller, ProcessRecord.id), call: $0.objects.call(of: caller))
            try $0.objects.mutableCell(node).store(key, at: NodeRecord.keys + 3 * Key.bytes)
        },
    ]

    @Test(arguments: damages) func damageIsFoundAndNamed(_ damage: Damage) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest()))
        try world.run(try Programs.example("shell"), name: "shell")
        try world.run(try KeyTests.program(KeyTests.once), name: "caller")
        try world.run(try KeyTests.program(KeyTests.wait + "(loop $l (br $l))"), name: "server")
        _ = try world.perform(.grantKey(process: "caller", register: 6, key: "start:server"))
        _ = try world.perform(.grantKey(process: "shell", register: 7, key: "bank:root/g"))
        try world.send("buy 7 page 20\nbuy 7 node 21\n", to: "shell")
        try world.boot(steps: 3_000_000)
        #expect(try world.inspect("caller").waitsFor == "a reply")
        #expect(try world.problems() == [])
        try world.close()
        try damage.isDoneAndFound(in: scratch) { try Patient($0, $1) }
        // Whoever goes on with it is told, or goes on.
        let host = try World.open(at: scratch.world, as: .host)
        try host.send("buy 7 page 22\nbuy 7 node 23\nsell 7 20\nsell 7 21\n", to: "shell")
        _ = Result { try host.boot(steps: 3_000_000) }
        host.abandon()
    }
}
