// Makes every order of every key by the kit, and counts what is as the specification says; writes a line for each that is not.
// Registers: 6 a bank, 7 a meter, 8 a discrim, 9 a process key to this one, 10 one to a counter (tools/examples/counter.c), 12 the number 42,
// 13 a start key of the counter, 14 a checkpoint key. Input: four lines, of which the third has 39 characters and the last no end.

private var count = 0
private var failures = 0

private func expect(_ name: String, _ facts: Bool...) {
    for fact in facts {
        count += 1
        if !fact {
            failures += 1
            print("failed: \(name)")
        }
    }
}

private func refused(_ refusal: Refusal, _ name: String, _ body: () throws(Refusal) -> Void) {
    do throws(Refusal) {
        try body()
        expect("\(name): not refused", false)
    } catch {
        expect("\(name): \(error)", error == refusal)
    }
}

private func passes(_ name: String, _ body: () throws(Refusal) -> Void) {
    do throws(Refusal) {
        try body()
    } catch {
        expect("\(name): \(error)", false)
    }
}

private let bank = Bank(6)
private let meter = Meter(7)
private let discrim = Discrim(8)
private let me = Process(9)
private let other = Process(10)

@main
struct Orders {
    static func main() {
        expect("arguments", arguments() == ["orders", "x", "y z"])
        expect("message", MemoryLayout<RawMessage>.size == 40, MemoryLayout<RawMessage>.stride == 40)
        expect("received", MemoryLayout<RawReceived>.size == 48, MemoryLayout<RawReceived>.stride == 48)
        expect(
            "offsets", MemoryLayout<RawMessage>.offset(of: \.keys) == 4,
            MemoryLayout<RawMessage>.offset(of: \.words) == 8, MemoryLayout<RawMessage>.offset(of: \.bytes) == 32,
            MemoryLayout<RawMessage>.offset(of: \.count) == 36)
        expect(
            "offsets of what is received", MemoryLayout<RawReceived>.offset(of: \.buffer) == 32,
            MemoryLayout<RawReceived>.offset(of: \.capacity) == 36, MemoryLayout<RawReceived>.offset(of: \.count) == 40,
            MemoryLayout<RawReceived>.offset(of: \.badge) == 44, MemoryLayout<RawReceived>.offset(of: \.isAwaited) == 46
        )
        page()
        node()
        sealing()
        forwarder()
        numbers()
        banks()
        meters()
        processes()
        devices()
        memory()
        checkpoints()
        print("\(count) facts, \(failures) failed")
        exit(failures == 0 ? 0 : 1)
    }

    static func page() {
        passes("page") { () throws(Refusal) in
            let page = try bank.buyPage(into: 20)
            try expect("kind", page.kind() == .page)
            try page.write([1, 2, 3, 250], at: 4092)
            try expect("read", page.read(from: 4090, count: 6) == [0, 0, 1, 2, 3, 250])
            try expect("whole", page.read().count == 4096)
            try expect("none", page.read(from: 4096, count: 0) == [])
            refused(.value, "beyond") { () throws(Refusal) in try page.write([1, 2], at: 4095) }
            refused(.value, "a negative byte") { () throws(Refusal) in _ = try page.read(from: -1, count: 4) }
            refused(.value, "a negative count") { () throws(Refusal) in _ = try page.read(from: 0, count: -4) }
            refused(.value, "more") { () throws(Refusal) in _ = try page.read(from: 0, count: 5000) }
            let reads = try page.weaken(removing: .write, into: 21)
            refused(.right, "reads") { () throws(Refusal) in try reads.write([1]) }
            refused(.right, "clears") { () throws(Refusal) in try reads.clearBytes() }
            let writes = try page.weaken(removing: [.read], into: 22)
            refused(.right, "writes") { () throws(Refusal) in _ = try writes.read() }
            try writes.clearBytes()
            try expect("cleared", reads.read(from: 4092, count: 4) == [0, 0, 0, 0])
            refused(.order, "order") { () throws(Refusal) in try page.call(Message(99)) }
            try bank.sell(page)
            refused(.void, "sold") { () throws(Refusal) in _ = try reads.read() }
        }
    }

    static func node() {
        passes("node") { () throws(Refusal) in
            let node = try bank.buyNode(into: 20)
            try node.store(Number(12), in: 31)
            try node.store(number: 77, in: 0)
            try node.fetch(31, into: 21)
            try expect("fetch", Number(21).value() == 42)
            try node.fetch(0, into: 21)
            try expect("number", Number(21).value() == 77)
            try node.swap(Number(12), with: 0, into: 22)
            try expect("swap", Number(22).value() == 77)
            try node.take(0, into: 22)
            try expect("take", Number(22).value() == 42)
            try node.fetch(0, into: 22)
            expect("taken", Register(22).invoke(Message(0)).code == -1)
            refused(.value, "slot") { () throws(Refusal) in try node.fetch(32, into: 22) }
            refused(.value, "no slot") { () throws(Refusal) in try node.store(Number(12), in: -1) }
            refused(.value, "slot of a number") { () throws(Refusal) in try node.store(number: 1, in: 32) }
            let second = try bank.buyNode(into: 23)
            try second.copySlots(of: node)
            try second.fetch(31, into: 21)
            try expect("copied", Number(21).value() == 42)
            refused(.key, "copies") { () throws(Refusal) in try second.copySlots(of: Node(12)) }
            try second.drop(31)
            try second.fetch(31, into: 21)
            refused(.void, "dropped") { () throws(Refusal) in try Register(21).call(Message(1)) }
            try node.clearSlots()
            let sense = try node.weaken(removing: [.store, .strong], into: 24)
            refused(.right, "sense") { () throws(Refusal) in try sense.store(Number(12), in: 1) }
            refused(.right, "sense") { () throws(Refusal) in try sense.clearSlots() }
            refused(.right, "pair") { () throws(Refusal) in _ = try sense.pair(sealerInto: 25, unsealerInto: 26) }
            try node.store(bank, in: 3)
            try sense.fetch(3, into: 25)
            refused(.void, "weak") { () throws(Refusal) in _ = try Bank(25).figures() }
            let severed = try bank.sever(node, into: 27)
            refused(.void, "severed") { () throws(Refusal) in try node.fetch(0, into: 21) }
            try severed.fetch(3, into: 25)
            _ = try Bank(25).figures()
            try bank.sell([23, 27])
            for register in 20..<28 { Register(register).clear() }
        }
    }

    static func sealing() {
        passes("sealing") { () throws(Refusal) in
            let (brand, box) = (try bank.buyNode(into: 20), try bank.buyNode(into: 21))
            let (sealer, unsealer) = try brand.pair(sealerInto: 22, unsealerInto: 23)
            try expect("pair", sealer.kind() == .sealer, unsealer.kind() == .unsealer)
            try sealer.seal(Number(12), in: box, into: 24)
            try unsealer.unseal(Register(24), into: 25)
            try expect("unsealed", Number(25).value() == 42)
            refused(.key, "no box") { () throws(Refusal) in try unsealer.unseal(Number(12), into: 25) }
            refused(.key, "no node") { () throws(Refusal) in try sealer.seal(Number(12), in: Node(12), into: 25) }
            try bank.sell([20, 21])
        }
    }

    static func forwarder() {
        passes("forwarder") { () throws(Refusal) in
            let control = try bank.buyForwarder(into: 20)
            let front = try control.weaken(removing: .control, into: 21)
            refused(.void, "no target") { () throws(Refusal) in try front.call(Message(1)) }
            try control.retarget(to: Number(12))
            try expect("through", Number(21).value() == 42)
            try expect("kind through", front.kind() == .number)
            try control.block()
            refused(.void, "blocked") { () throws(Refusal) in try front.call(Message(1)) }
            try control.unblock()
            try expect("unblocked", Number(21).value() == 42)
            try control.target(into: 22)
            try expect("target", Number(22).value() == 42)
            try expect("kind", control.kind() == .forwarder)
            try bank.sell(control)
            refused(.void, "sold") { () throws(Refusal) in try front.call(Message(1)) }
        }
    }

    static func numbers() {
        passes("numbers") { () throws(Refusal) in
            try expect("value", Number(12).value() == 42)
            let (kind, rights) = try discrim.classify(bank)
            expect("classify", kind == .bank, rights == 15)
            try expect("compare", discrim.compare(bank, Register(6)), !discrim.compare(bank, meter))
            try expect("discreet", discrim.isDiscreet(Number(12)), !discrim.isDiscreet(bank))
            try expect(
                "kinds", discrim.kind() == .discrim, discrim.classify(Register(31)).kind == .void,
                Register(13).invoke(Message(7)).code == -2)
            bank.copy(to: 30).move(to: 29)
            try expect("moved", discrim.compare(bank, Register(29)), discrim.classify(Register(30)).kind == .void)
            Register(29).clear()
            try expect("start", discrim.classify(Register(13)).kind == .start)
        }
    }

    static func banks() {
        passes("banks") { () throws(Refusal) in
            let before = try bank.figures()
            let small = try bank.buyBank(named: "small", into: 20)
            try small.set(limitPages: 3)
            let figures = try small.figures()
            expect("figures", figures.limitPages == 3, figures.availablePages == 3, figures.limitCells == noLimit)
            try small.buy([.page, .node, .forwarder, .void], into: [21, 22, 23])
            try expect("bought", Page(21).kind() == .page, Node(22).kind() == .node, Forwarder(23).kind() == .forwarder)
            try expect("used", small.figures().usedPages >= 1, small.figures().usedCells >= 2)
            refused(.space, "full") { () throws(Refusal) in
                try small.buy([.page, .page, .page, .page], into: [24, 25, 26, 27])
            }
            refused(.value, "kind") { () throws(Refusal) in try small.buy([.number, .void, .void, .void], into: [24]) }
            let v = try bank.verify(small)
            expect("verify", v.isBank, v.isBelow, v.rights == [.allocate, .query, .setLimits, .destroy])
            let none = try bank.verify(meter)
            expect("verify another kind", !none.isBank, !none.isBelow)
            let moved = try bank.adopt(Page(21), into: 24)
            refused(.void, "adopted") { () throws(Refusal) in _ = try Page(21).read() }
            refused(.key, "other's") { () throws(Refusal) in try small.sell(moved) }
            try bank.sell(moved)
            let queries = try small.weaken(removing: [.allocate, .setLimits, .destroy], into: 25)
            refused(.right, "queries") { () throws(Refusal) in _ = try queries.buyPage(into: 26) }
            refused(.right, "set") { () throws(Refusal) in try queries.set(limitPages: 1) }
            refused(.right, "destroy") { () throws(Refusal) in try queries.destroy() }
            refused(.right, "keeper") { () throws(Refusal) in try queries.setKeeper(nil) }
            refused(.value, "taken") { () throws(Refusal) in _ = try bank.buyBank(named: "small", into: 26) }
            try small.setKeeper(Start(13))
            try small.setKeeper(nil, previousInto: 26)
            try expect("keeper", discrim.classify(Register(26)).kind == .start)
            refused(.key, "no start") { () throws(Refusal) in try small.setKeeper(Start(12)) }
            try small.set(reservePages: 1)
            try expect("reserve", small.figures().reservePages == 1)
            try small.destroy(returning: false)
            refused(.void, "destroyed") { () throws(Refusal) in _ = try small.figures() }
            let after = try bank.figures()
            expect("all back", after.usedPages <= before.usedPages + 1)
            let returns = try bank.buyBank(into: 20)
            _ = try returns.buyNode(into: 21)
            try returns.destroy(returning: true)
            // Its objects are on their way to its parent.
            try Timer.launched.wait(until: Clock.launched.read().monotonic + 50_000_000)
            try bank.sell(Node(21))
        }
    }

    static func meters() {
        passes("meters") { () throws(Refusal) in
            let below = try meter.makeMeter(gas: 5000, paidBy: bank, named: "below", into: 20)
            var f = try below.figures()
            expect("figures", f.left == 5000, f.available <= 5000, f.used == 0, f.weight == 1, f.processes == 0)
            try below.refill(gas: 10)
            f = try below.figures()
            expect("refill", f.left == 5010)
            try below.set(gas: 7, weight: 9)
            f = try below.figures()
            expect("set", f.left == 7, f.weight == 9)
            try below.set(weight: 2)
            f = try below.figures()
            expect("unchanged", f.left == 7, f.weight == 2)
            let v = try meter.verify(below)
            expect("verify", v.isMeter, v.isBelow, v.rights.contains(.set))
            try expect("verify another kind", !meter.verify(bank).isMeter)
            refused(.value, "weight") { () throws(Refusal) in try below.set(weight: 5000) }
            refused(.value, "taken") { () throws(Refusal) in
                _ = try meter.makeMeter(gas: 1, paidBy: bank, named: "below", into: 21)
            }
            refused(.key, "bank") { () throws(Refusal) in _ = try meter.makeMeter(gas: 1, paidBy: Bank(12), into: 21) }
            let weak = try below.weaken(removing: [.set, .destroy], into: 22)
            refused(.right, "weak") { () throws(Refusal) in try weak.refill(gas: 1) }
            refused(.right, "weak") { () throws(Refusal) in try weak.destroy() }
            try below.setKeeper(Start(13))
            try below.setKeeper(nil, previousInto: 23)
            try expect("keeper", discrim.classify(Register(23)).kind == .start)
            try below.set(gas: noLimit)
            try expect("no limit", below.figures().left == noLimit)
            try below.destroy()
            refused(.void, "destroyed") { () throws(Refusal) in _ = try below.figures() }
        }
    }

    static func processes() {
        passes("processes") { () throws(Refusal) in
            let f = try other.figures()
            expect("figures", f.state == .waiting, f.waits == .message, f.instances == 1, f.pages > 0, f.trap == 0)
            let p = try other.position()
            expect("position", p.function > 0, p.instance == 0)
            let s = try other.stack(from: 0, count: 4)
            expect("stack", s.slots.count == 4, s.height > 4)
            refused(.itself, "stack") { () throws(Refusal) in _ = try me.stack(from: 0, count: 1) }
            refused(.itself, "position") { () throws(Refusal) in _ = try me.position() }
            refused(.value, "stack") { () throws(Refusal) in _ = try other.stack(from: 0, count: 513) }
            refused(.value, "fetch") { () throws(Refusal) in try other.fetch(32, into: 20) }
            try other.store(Number(12), in: 30)
            try other.fetch(30, into: 20)
            try expect("store", Number(20).value() == 42)
            try other.drop(30)
            try other.fetch(30, into: 20)
            try expect("drop", discrim.classify(Register(20)).kind == .void)
            // my own memory
            let cell = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
            cell.pointee = 0x0A0B0C0D
            let at = Int(bitPattern: cell)
            try expect("read own", me.read(address: at, count: 4) == [13, 12, 11, 10])
            refused(.itself, "write own") { () throws(Refusal) in try me.write([1], address: at) }
            cell.deallocate()
            // a product
            let made = try bank.makeProcess(like: other, on: meter, arguments: ["made", "one"], into: 21)
            try expect("made", made.figures().state == .stopped)
            let console = try made.console(.output, into: 22)
            try made.store(console, in: 1)
            try made.write([7, 8, 9], address: 100)
            try expect("write", made.read(address: 99, count: 5) == [0, 7, 8, 9, 0])
            refused(.address, "outside") { () throws(Refusal) in _ = try made.read(address: 1 << 30, count: 1) }
            refused(.value, "instance") { () throws(Refusal) in _ = try made.read(instance: 4, address: 0, count: 1) }
            let pages = try made.grow(by: 1)
            expect("grow", pages >= 4)
            let listed = try made.page(0, of: .memory, into: 23)
            try expect("list", listed.read(from: 100, count: 3) == [7, 8, 9])
            _ = try made.page(0, of: .code, into: 24)
            try expect("code", Page(24).kind() == .page)
            let mine = try bank.buyPage(into: 25)
            try mine.write([42], at: 0)
            try made.map(mine, at: 3)
            try expect("map", made.read(address: 4096 * 3, count: 1) == [42])
            try made.unmap(at: 3, into: 26)
            try expect("unmap", discrim.compare(mine, Register(26)))
            try made.mapNothing(at: 2)
            refused(.address, "nothing") { () throws(Refusal) in _ = try made.read(address: 8192, count: 1) }
            try made.unmap(at: 2)
            try bank.sell(mine)
            try made.setKeeper(Start(13))
            try made.setKeeper(nil, previousInto: 26)
            try expect("keeper", discrim.classify(Register(26)).kind == .start)
            try made.setMemoryKeeper(Start(13))
            try made.setMemoryKeeper(nil, previousInto: 26)
            try expect("memory keeper", discrim.classify(Register(26)).kind == .start)
            refused(.value, "no instance") { () throws(Refusal) in try made.setMemoryKeeper(nil, instance: 3) }
            let small = try bank.buyBank(into: 27)
            try made.setBank(small)
            try expect("bank", small.figures().processes == 1)
            let below = try meter.makeMeter(gas: 900_000, paidBy: bank, into: 28)
            try made.setMeter(below)
            try expect("meter", below.figures().processes == 1)
            let entry = try made.invite(badge: 3, into: 29)
            try made.begin()
            try made.start()
            refused(.value, "started") { () throws(Refusal) in try made.start() }
            try expect("served", entry.call(Message(1, 5)).words[0] == 5, entry.call(Message(1, 6)).words[0] == 11)
            refused(.order, "its own") { () throws(Refusal) in try entry.call(Message(99)) }
            try entry.send(Message(1, 1))
            try expect("sent", entry.call(Message(1, 0)).words[0] == 12)
            try made.stop()
            try made.start()
            try expect("stopped and started", entry.call(Message(1, 0)).words[0] == 12)
            try made.stop()
            try made.begin()
            try made.start()
            try expect("begun anew", entry.call(Message(1, 1)).words[0] == 1)
            let blind = try made.weaken(removing: [.look, .change, .run, .invite, .govern, .memory], into: 20)
            refused(.right, "blind") { () throws(Refusal) in _ = try blind.figures() }
            refused(.right, "blind") { () throws(Refusal) in try blind.end() }
            refused(.right, "blind") { () throws(Refusal) in _ = try blind.invite(badge: 1, into: 24) }
            refused(.value, "not over") { () throws(Refusal) in try made.remove() }
            try made.end()
            try expect("ended", made.figures().exitCode == 137, made.figures().state == .exited)
            refused(.void, "ended") { () throws(Refusal) in try entry.call(Message(1)) }
            try made.remove()
            refused(.void, "removed") { () throws(Refusal) in _ = try made.figures() }
            try below.destroy()
            try small.destroy()
            // of a module in memory
            var module: [UInt8] = [
                0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 10, 1, 6, 95, 115, 116, 97, 114, 116, 0,
                0, 10, 4, 1, 2, 0, 11,
            ]
            var reply = module.withUnsafeBytes { bank.makeProcess(of: $0, on: meter, arguments: ["tiny"], into: 21) }
            expect("module", reply.code == 0)
            try Process(21).start()
            try Timer.launched.wait(until: try Clock.launched.read().monotonic + 1_000_000)
            try expect("tiny ran", Process(21).figures().state == .exited)
            try Process(21).remove()
            module[32] = 0xff
            reply = module.withUnsafeBytes { bank.makeProcess(of: $0, on: meter, into: 21) }
            expect("refused module", reply.code == -4, reply.bytes.count > 5)
        }
    }

    static func devices() {
        passes("devices") { () throws(Refusal) in
            let (real, mono) = try Clock.launched.read()
            expect("real", real > 1_600_000_000_000_000_000)
            try Timer.launched.wait(until: mono + 2_000_000)
            try expect("timer", Clock.launched.read().monotonic >= mono + 2_000_000)
            let random = try Entropy.launched.bytes(count: 32)
            expect("entropy", random.count == 32, Set(random).count > 8)
            refused(.value, "entropy") { () throws(Refusal) in _ = try Entropy.launched.bytes(count: 4097) }
            try Console.error.write("to the error\n")
            try Console.output.write([UInt8]())
            try Console.output.write([UInt8](repeating: 46, count: 70000))
            try Console.output.write("\n")
            refused(.order, "input") { () throws(Refusal) in try Console.input.write("x") }
            refused(.order, "output") { () throws(Refusal) in _ = try Console.output.read(count: 5) }
            refused(.value, "count") { () throws(Refusal) in _ = try Console.input.read(count: 0) }
            var lines = Lines(limit: 20)
            var all: [String] = []
            while let line = try lines.next() { all.append(line) }
            expect("lines", all == ["first", "", "a line that is longe", "r than twenty bytes", "last"])
        }
    }

    static func memory() {
        passes("memory") { () throws(Refusal) in
            let place = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)
            expect("aligned", UInt(bitPattern: place) % 4096 == 0)
            let page = try bank.buyPage(into: 20)
            place.storeBytes(of: 9, as: UInt8.self)
            try page.map(at: place)
            place.storeBytes(of: 200, toByteOffset: 5, as: UInt8.self)
            try expect("mapped", page.read(from: 0, count: 6) == [0, 0, 0, 0, 0, 200])
            try page.write([3], at: 5)
            expect("seen", place.load(fromByteOffset: 5, as: UInt8.self) == 3)
            try Memory.unmap(at: place, into: 21)
            try expect("unmapped", discrim.compare(page, Register(21)), place.load(as: UInt8.self) == 9)
            try Memory.mapNothing(at: place)
            try Memory.unmap(at: place)
            refused(.address, "odd") { () throws(Refusal) in try page.map(at: place + 1) }
            refused(.key, "no page") { () throws(Refusal) in try Page(12).map(at: place) }
            try bank.sell(page)
            place.deallocate()
        }
    }

    static func checkpoints() {
        passes("checkpoint") { () throws(Refusal) in
            let checkpoint = Checkpoint(14)
            try checkpoint.wait()
            let one = try checkpoint.make(), two = try checkpoint.make()
            expect("numbers", two > one)
            let waits = try checkpoint.weaken(removing: .make, into: 20)
            try waits.wait()
            refused(.right, "make") { () throws(Refusal) in _ = try waits.make() }
        }
    }
}
