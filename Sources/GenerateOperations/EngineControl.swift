// The hand-written part of the generated dispatch loop: its frame, moves, branches, calls and what goes out of line.

/// Text before and after the cases of value instructions.
enum EngineControl {
    static let head = """
        // Generated from specs/operations.tsv by `swift run GenerateOperations`. Do not edit.
        // swift-format-ignore-file

        /// The exact engine: executes slot code one operation at a time, charging each before it is executed.
        enum Engine {
            /// Runs from `r.pc` until an exit, which it returns; its payload is in the record, as is the whole state. The
            /// program counter, frame and gas live in registers; after an exit that restarts its instruction the charge is
            /// given back.
            static func execute(_ r: UnsafeMutablePointer<ActivationRecord>) -> ExitCode {
                var pc: Code = r.pointee.pc
                var fp: Frame = r.pointee.frame
                var gas: Int64 = r.pointee.gas
                var shadow = r.pointee.shadow
                let reads = r.pointee.memoryReads
                let writes = r.pointee.memoryWrites
                let entries: UnsafeMutablePointer<FunctionEntry> = r.pointee.entries
                let globals = r.pointee.globals
                var code = ExitCode.none

                dispatch: while true {
                    gas &-= cost(pc)
                    if gas < 0 {
                        code = .outOfGas
                        break dispatch
                    }
                    switch operation(pc) {
                    case .nop:
                        pc += 1
                    case .copy:
                        fp[a(pc)] = fp[b(pc)]
                        pc += 1
                    case .const32:
                        fp[a(pc)] = UInt64(immediate(pc))
                        pc += 1
                    case .const64:
                        fp[a(pc)] = pc[1]
                        pc += 2
                    case .select:
                        let s = fp + a(pc)
                        if u32(s[2]) == 0 { s[0] = s[1] }
                        pc += 1
                    case .unreachable:
                        code = Engine.trap(r, .unreachable)
                        break dispatch
                    case .br:
                        pc += distance(pc)
                    case .brIf:
                        pc += u32(fp[a(pc)]) != 0 ? distance(pc) : 1
                    case .brUnless:
                        pc += u32(fp[a(pc)]) == 0 ? distance(pc) : 1
                    case .brMove:
                        Engine.move(fp, pc[1])
                        pc += distance(pc)
                    case .brIfMove:
                        if u32(fp[a(pc)]) != 0 {
                            Engine.move(fp, pc[1])
                            pc += distance(pc)
                        } else {
                            pc += 2
                        }
                    case .brTable:
                        let label = Int(min(u32(fp[a(pc)]), immediate(pc)))
                        let entry = pc[2 + label]
                        Engine.move(fp, pc[1] | (entry &>> 32))
                        pc += Int(Int32(truncatingIfNeeded: entry))
        \(leave)
                    case .call:
                        let entry = entries + Int(immediate(pc))
                        let base = fp + a(pc)
        \(enter(linkWords: 2))
                    case .callIndirect:
                        code = Engine.resolve(r, pc, fp)
                        if code != .none { break dispatch }
                        let entry = entries + Int(truncatingIfNeeded: r.pointee.transfer)
                        let base = fp + a(pc)
        \(enter(linkWords: 3))
                    case .globalGet:
                        fp[a(pc)] = globals[Int(immediate(pc))]
                        pc += 1
                    case .globalSet:
                        globals[Int(immediate(pc))] = fp[a(pc)]
                        pc += 1
                    case .globalGetLinked:
                        fp[a(pc)] = r.pointee.slots[Int(globals[Int(immediate(pc))])]
                        pc += 1
                    case .globalSetLinked:
                        r.pointee.slots[Int(globals[Int(immediate(pc))])] = fp[a(pc)]
                        pc += 1
                    case .refFunc:
                        fp[a(pc)] = Reference.functionBit | r.pointee.instanceBits | UInt64(immediate(pc))
                        pc += 1
                    case .memorySize:
                        fp[a(pc)] = r.pointee.memoryBytes &>> 16
                        pc += 1
                    case .memoryGrow, .memoryInit, .memoryCopy, .memoryFill, .dataDrop, .tableGet, .tableSet, .tableSize,
                        .tableGrow, .tableInit, .tableCopy, .tableFill, .elemDrop:
                        r.pointee.gas = gas
                        code = Engine.executeRare(r, pc, fp)
                        gas = r.pointee.gas
                        if code != .none { break dispatch }
                        pc += 2

        """

    /// Enters the function of `entry` with its frame at `base`, or exits; the link's first word is `pc[1]`.
    private static func enter(linkWords: Int) -> String {
        """
                        guard let target = entry.pointee.code, base + Int(entry.pointee.frameSlots) <= r.pointee.bought else {
                            code = Engine.refuseEntry(r, entry, base)
                            break dispatch
                        }
                        if entry.pointee.localGas != 0 {
                            gas = Engine.pay(r, gas, Int64(entry.pointee.localGas))
                            if gas < 0 {
                                code = .outOfGas
                                break dispatch
                            }
                        }
                        let link = base + Int(entry.pointee.linkSlot)
                        var local = base + Int(entry.pointee.parameterCount)
                        while local < link {
                            local.pointee = 0
                            local += 1
                        }
                        link[0] = pc[1]
                        link[1] = UInt64(a(pc))
                        shadow += 1
                        shadow.pointee = pc + \(linkWords)
                        fp = base
                        pc = target
        """
        .split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    }

    /// Leaves the frame with no, one or many results.
    private static var leave: String {
        """
        case .return0:
            let caller = fp - Int(truncatingIfNeeded: fp[c(pc) + 1] & 0xFFFF_FFFF)
            if let next = shadow.pointee {
                shadow -= 1
                pc = next
                fp = caller
                if caller < r.pointee.low { r.pointee.low = caller }
            } else {
                code = Engine.leave(r, fp, fp + c(pc))
                fp = r.pointee.frame
                break dispatch
            }
        case .return1:
            let caller = fp - Int(truncatingIfNeeded: fp[c(pc) + 1] & 0xFFFF_FFFF)
            if let next = shadow.pointee {
                fp[0] = fp[a(pc)]
                shadow -= 1
                pc = next
                fp = caller
                if caller < r.pointee.low { r.pointee.low = caller }
            } else {
                let result = fp[a(pc)]
                code = Engine.leave(r, fp, fp + c(pc))
                fp[0] = result
                fp = r.pointee.frame
                break dispatch
            }
        case .returnMany:
            code = Engine.leave(r, fp, fp + c(pc))
            Engine.move(fp, UInt64(a(pc)) &<< 16 | UInt64(b(pc)) &<< 32)
            fp = r.pointee.frame
            if code == .relink, let next = shadow.pointee {
                shadow -= 1
                pc = next
                code = .none
            } else {
                break dispatch
            }
        """
        .split(separator: "\n").map { "            " + $0 }
        .joined(separator: "\n")
    }

    static let tail = """
                    }
                }
                if code.restartsInstruction { gas &+= 1 }
                r.pointee.pc = pc
                r.pointee.frame = fp
                r.pointee.gas = gas
                r.pointee.shadow = shadow
                return code
            }
        }

        """
}
