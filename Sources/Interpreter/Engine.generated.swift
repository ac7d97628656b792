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
            case .call:
                let entry = entries + Int(immediate(pc))
                let base = fp + a(pc)
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
                    shadow.pointee = pc + 2
                    fp = base
                    pc = target
            case .callIndirect:
                code = Engine.resolve(r, pc, fp)
                if code != .none { break dispatch }
                let entry = entries + Int(truncatingIfNeeded: r.pointee.transfer)
                let base = fp + a(pc)
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
                    shadow.pointee = pc + 3
                    fp = base
                    pc = target
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
            case .i32Load:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4092 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt32.self)
                    s[0] = slot(value)
                } else {
                    code = Engine.load(r, address, 4)
                    if code != .none { break dispatch }
                    let value = UInt32(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(value)
                }
                pc += 1
            case .i64Load:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4088 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt64.self)
                    s[0] = slot(value)
                } else {
                    code = Engine.load(r, address, 8)
                    if code != .none { break dispatch }
                    let value = UInt64(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(value)
                }
                pc += 1
            case .i32Load8S:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)] {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int8.self)
                    s[0] = slot(Int32(value))
                } else {
                    code = Engine.load(r, address, 1)
                    if code != .none { break dispatch }
                    let value = Int8(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(Int32(value))
                }
                pc += 1
            case .i32Load8U:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)] {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt8.self)
                    s[0] = slot(UInt32(value))
                } else {
                    code = Engine.load(r, address, 1)
                    if code != .none { break dispatch }
                    let value = UInt8(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(UInt32(value))
                }
                pc += 1
            case .i32Load16S:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int16.self)
                    s[0] = slot(Int32(value))
                } else {
                    code = Engine.load(r, address, 2)
                    if code != .none { break dispatch }
                    let value = Int16(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(Int32(value))
                }
                pc += 1
            case .i32Load16U:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt16.self)
                    s[0] = slot(UInt32(value))
                } else {
                    code = Engine.load(r, address, 2)
                    if code != .none { break dispatch }
                    let value = UInt16(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(UInt32(value))
                }
                pc += 1
            case .i64Load8S:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)] {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int8.self)
                    s[0] = slot(Int64(value))
                } else {
                    code = Engine.load(r, address, 1)
                    if code != .none { break dispatch }
                    let value = Int8(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(Int64(value))
                }
                pc += 1
            case .i64Load16S:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int16.self)
                    s[0] = slot(Int64(value))
                } else {
                    code = Engine.load(r, address, 2)
                    if code != .none { break dispatch }
                    let value = Int16(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(Int64(value))
                }
                pc += 1
            case .i64Load32S:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4092 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int32.self)
                    s[0] = slot(Int64(value))
                } else {
                    code = Engine.load(r, address, 4)
                    if code != .none { break dispatch }
                    let value = Int32(truncatingIfNeeded: r.pointee.transfer)
                    s[0] = slot(Int64(value))
                }
                pc += 1
            case .i32Store:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4092 {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt32(truncatingIfNeeded: s[1]), as: UInt32.self)
                } else {
                    code = Engine.store(r, address, 4, s[1])
                    if code != .none { break dispatch }
                }
                pc += 1
            case .i64Store:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4088 {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt64(truncatingIfNeeded: s[1]), as: UInt64.self)
                } else {
                    code = Engine.store(r, address, 8, s[1])
                    if code != .none { break dispatch }
                }
                pc += 1
            case .i32Store8:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)] {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt8(truncatingIfNeeded: s[1]), as: UInt8.self)
                } else {
                    code = Engine.store(r, address, 1, s[1])
                    if code != .none { break dispatch }
                }
                pc += 1
            case .i32Store16:
                let s = fp + a(pc)
                let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt16(truncatingIfNeeded: s[1]), as: UInt16.self)
                } else {
                    code = Engine.store(r, address, 2, s[1])
                    if code != .none { break dispatch }
                }
                pc += 1
            case .i32Eqz:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) == 0)
                pc += 1
            case .i32Eq:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) == u32(s[1]))
                pc += 1
            case .i32Ne:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) != u32(s[1]))
                pc += 1
            case .i32LtS:
                let s = fp + a(pc)
                s[0] = slot(s32(s[0]) < s32(s[1]))
                pc += 1
            case .i32LtU:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) < u32(s[1]))
                pc += 1
            case .i32GtS:
                let s = fp + a(pc)
                s[0] = slot(s32(s[0]) > s32(s[1]))
                pc += 1
            case .i32GtU:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) > u32(s[1]))
                pc += 1
            case .i32LeS:
                let s = fp + a(pc)
                s[0] = slot(s32(s[0]) <= s32(s[1]))
                pc += 1
            case .i32LeU:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) <= u32(s[1]))
                pc += 1
            case .i32GeS:
                let s = fp + a(pc)
                s[0] = slot(s32(s[0]) >= s32(s[1]))
                pc += 1
            case .i32GeU:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) >= u32(s[1]))
                pc += 1
            case .i64Eqz:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) == 0)
                pc += 1
            case .i64Eq:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) == UInt64(s[1]))
                pc += 1
            case .i64Ne:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) != UInt64(s[1]))
                pc += 1
            case .i64LtS:
                let s = fp + a(pc)
                s[0] = slot(s64(s[0]) < s64(s[1]))
                pc += 1
            case .i64LtU:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) < UInt64(s[1]))
                pc += 1
            case .i64GtS:
                let s = fp + a(pc)
                s[0] = slot(s64(s[0]) > s64(s[1]))
                pc += 1
            case .i64GtU:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) > UInt64(s[1]))
                pc += 1
            case .i64LeS:
                let s = fp + a(pc)
                s[0] = slot(s64(s[0]) <= s64(s[1]))
                pc += 1
            case .i64LeU:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) <= UInt64(s[1]))
                pc += 1
            case .i64GeS:
                let s = fp + a(pc)
                s[0] = slot(s64(s[0]) >= s64(s[1]))
                pc += 1
            case .i64GeU:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) >= UInt64(s[1]))
                pc += 1
            case .f32Eq:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) == f32(s[1]))
                pc += 1
            case .f32Ne:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) != f32(s[1]))
                pc += 1
            case .f32Lt:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) < f32(s[1]))
                pc += 1
            case .f32Gt:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) > f32(s[1]))
                pc += 1
            case .f32Le:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) <= f32(s[1]))
                pc += 1
            case .f32Ge:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) >= f32(s[1]))
                pc += 1
            case .f64Eq:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) == f64(s[1]))
                pc += 1
            case .f64Ne:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) != f64(s[1]))
                pc += 1
            case .f64Lt:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) < f64(s[1]))
                pc += 1
            case .f64Gt:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) > f64(s[1]))
                pc += 1
            case .f64Le:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) <= f64(s[1]))
                pc += 1
            case .f64Ge:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) >= f64(s[1]))
                pc += 1
            case .i32Clz:
                let s = fp + a(pc)
                s[0] = slot(UInt64(truncatingIfNeeded: u32(s[0]).leadingZeroBitCount))
                pc += 1
            case .i32Ctz:
                let s = fp + a(pc)
                s[0] = slot(UInt64(truncatingIfNeeded: u32(s[0]).trailingZeroBitCount))
                pc += 1
            case .i32Popcnt:
                let s = fp + a(pc)
                s[0] = slot(UInt64(truncatingIfNeeded: u32(s[0]).nonzeroBitCount))
                pc += 1
            case .i32Add:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) &+ u32(s[1]))
                pc += 1
            case .i32Sub:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) &- u32(s[1]))
                pc += 1
            case .i32Mul:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) &* u32(s[1]))
                pc += 1
            case .i32DivS:
                let s = fp + a(pc)
                let x = s32(s[0]), y = s32(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                if y == -1 && x == .min { code = Engine.trap(r, .integerOverflow); break dispatch }
                let result = x / y
                s[0] = slot(result)
                pc += 1
            case .i32DivU:
                let s = fp + a(pc)
                let x = u32(s[0]), y = u32(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x / y
                s[0] = slot(result)
                pc += 1
            case .i32RemS:
                let s = fp + a(pc)
                let x = s32(s[0]), y = s32(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = y == -1 ? 0 : x % y
                s[0] = slot(result)
                pc += 1
            case .i32RemU:
                let s = fp + a(pc)
                let x = u32(s[0]), y = u32(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x % y
                s[0] = slot(result)
                pc += 1
            case .i32And:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) & u32(s[1]))
                pc += 1
            case .i32Or:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) | u32(s[1]))
                pc += 1
            case .i32Xor:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) ^ u32(s[1]))
                pc += 1
            case .i32Shl:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) &<< u32(s[1]))
                pc += 1
            case .i32ShrS:
                let s = fp + a(pc)
                s[0] = slot(s32(s[0]) &>> s32(s[1]))
                pc += 1
            case .i32ShrU:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) &>> u32(s[1]))
                pc += 1
            case .i32Rotl:
                let s = fp + a(pc)
                s[0] = slot((u32(s[0]) &<< u32(s[1])) | (u32(s[0]) &>> (0 &- u32(s[1]))))
                pc += 1
            case .i32Rotr:
                let s = fp + a(pc)
                s[0] = slot((u32(s[0]) &>> u32(s[1])) | (u32(s[0]) &<< (0 &- u32(s[1]))))
                pc += 1
            case .i64Clz:
                let s = fp + a(pc)
                s[0] = slot(UInt64(truncatingIfNeeded: UInt64(s[0]).leadingZeroBitCount))
                pc += 1
            case .i64Ctz:
                let s = fp + a(pc)
                s[0] = slot(UInt64(truncatingIfNeeded: UInt64(s[0]).trailingZeroBitCount))
                pc += 1
            case .i64Popcnt:
                let s = fp + a(pc)
                s[0] = slot(UInt64(truncatingIfNeeded: UInt64(s[0]).nonzeroBitCount))
                pc += 1
            case .i64Add:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) &+ UInt64(s[1]))
                pc += 1
            case .i64Sub:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) &- UInt64(s[1]))
                pc += 1
            case .i64Mul:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) &* UInt64(s[1]))
                pc += 1
            case .i64DivS:
                let s = fp + a(pc)
                let x = s64(s[0]), y = s64(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                if y == -1 && x == .min { code = Engine.trap(r, .integerOverflow); break dispatch }
                let result = x / y
                s[0] = slot(result)
                pc += 1
            case .i64DivU:
                let s = fp + a(pc)
                let x = UInt64(s[0]), y = UInt64(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x / y
                s[0] = slot(result)
                pc += 1
            case .i64RemS:
                let s = fp + a(pc)
                let x = s64(s[0]), y = s64(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = y == -1 ? 0 : x % y
                s[0] = slot(result)
                pc += 1
            case .i64RemU:
                let s = fp + a(pc)
                let x = UInt64(s[0]), y = UInt64(s[1])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x % y
                s[0] = slot(result)
                pc += 1
            case .i64And:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) & UInt64(s[1]))
                pc += 1
            case .i64Or:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) | UInt64(s[1]))
                pc += 1
            case .i64Xor:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) ^ UInt64(s[1]))
                pc += 1
            case .i64Shl:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) &<< UInt64(s[1]))
                pc += 1
            case .i64ShrS:
                let s = fp + a(pc)
                s[0] = slot(s64(s[0]) &>> s64(s[1]))
                pc += 1
            case .i64ShrU:
                let s = fp + a(pc)
                s[0] = slot(UInt64(s[0]) &>> UInt64(s[1]))
                pc += 1
            case .i64Rotl:
                let s = fp + a(pc)
                s[0] = slot((UInt64(s[0]) &<< UInt64(s[1])) | (UInt64(s[0]) &>> (0 &- UInt64(s[1]))))
                pc += 1
            case .i64Rotr:
                let s = fp + a(pc)
                s[0] = slot((UInt64(s[0]) &>> UInt64(s[1])) | (UInt64(s[0]) &<< (0 &- UInt64(s[1]))))
                pc += 1
            case .f32Abs:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) & 0x7FFF_FFFF)
                pc += 1
            case .f32Neg:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]) ^ 0x8000_0000)
                pc += 1
            case .f32Ceil:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]).rounded(.up))
                pc += 1
            case .f32Floor:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]).rounded(.down))
                pc += 1
            case .f32Trunc:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]).rounded(.towardZero))
                pc += 1
            case .f32Nearest:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]).rounded(.toNearestOrEven))
                pc += 1
            case .f32Sqrt:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]).squareRoot())
                pc += 1
            case .f32Add:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) + f32(s[1]))
                pc += 1
            case .f32Sub:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) - f32(s[1]))
                pc += 1
            case .f32Mul:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) * f32(s[1]))
                pc += 1
            case .f32Div:
                let s = fp + a(pc)
                s[0] = slot(f32(s[0]) / f32(s[1]))
                pc += 1
            case .f32Min:
                let s = fp + a(pc)
                s[0] = slot(least(f32(s[0]), f32(s[1])))
                pc += 1
            case .f32Max:
                let s = fp + a(pc)
                s[0] = slot(greatest(f32(s[0]), f32(s[1])))
                pc += 1
            case .f32Copysign:
                let s = fp + a(pc)
                s[0] = slot((u32(s[0]) & 0x7FFF_FFFF) | (u32(s[1]) & 0x8000_0000))
                pc += 1
            case .f64Abs:
                let s = fp + a(pc)
                s[0] = slot(s[0] & 0x7FFF_FFFF_FFFF_FFFF)
                pc += 1
            case .f64Neg:
                let s = fp + a(pc)
                s[0] = slot(s[0] ^ 0x8000_0000_0000_0000)
                pc += 1
            case .f64Ceil:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]).rounded(.up))
                pc += 1
            case .f64Floor:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]).rounded(.down))
                pc += 1
            case .f64Trunc:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]).rounded(.towardZero))
                pc += 1
            case .f64Nearest:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]).rounded(.toNearestOrEven))
                pc += 1
            case .f64Sqrt:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]).squareRoot())
                pc += 1
            case .f64Add:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) + f64(s[1]))
                pc += 1
            case .f64Sub:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) - f64(s[1]))
                pc += 1
            case .f64Mul:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) * f64(s[1]))
                pc += 1
            case .f64Div:
                let s = fp + a(pc)
                s[0] = slot(f64(s[0]) / f64(s[1]))
                pc += 1
            case .f64Min:
                let s = fp + a(pc)
                s[0] = slot(least(f64(s[0]), f64(s[1])))
                pc += 1
            case .f64Max:
                let s = fp + a(pc)
                s[0] = slot(greatest(f64(s[0]), f64(s[1])))
                pc += 1
            case .f64Copysign:
                let s = fp + a(pc)
                s[0] = slot((s[0] & 0x7FFF_FFFF_FFFF_FFFF) | (s[1] & 0x8000_0000_0000_0000))
                pc += 1
            case .i32WrapI64:
                let s = fp + a(pc)
                s[0] = slot(u32(s[0]))
                pc += 1
            case .i32TruncF32S:
                let s = fp + a(pc)
                let x = Double(f32(s[0]))
                if !truncates(x, Int32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int32(x)
                s[0] = slot(result)
                pc += 1
            case .i32TruncF32U:
                let s = fp + a(pc)
                let x = Double(f32(s[0]))
                if !truncates(x, UInt32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt32(x)
                s[0] = slot(result)
                pc += 1
            case .i32TruncF64S:
                let s = fp + a(pc)
                let x = Double(f64(s[0]))
                if !truncates(x, Int32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int32(x)
                s[0] = slot(result)
                pc += 1
            case .i32TruncF64U:
                let s = fp + a(pc)
                let x = Double(f64(s[0]))
                if !truncates(x, UInt32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt32(x)
                s[0] = slot(result)
                pc += 1
            case .i64ExtendI32S:
                let s = fp + a(pc)
                s[0] = slot(Int64(s32(s[0])))
                pc += 1
            case .i64TruncF32S:
                let s = fp + a(pc)
                let x = Double(f32(s[0]))
                if !truncates(x, Int64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int64(x)
                s[0] = slot(result)
                pc += 1
            case .i64TruncF32U:
                let s = fp + a(pc)
                let x = Double(f32(s[0]))
                if !truncates(x, UInt64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt64(x)
                s[0] = slot(result)
                pc += 1
            case .i64TruncF64S:
                let s = fp + a(pc)
                let x = Double(f64(s[0]))
                if !truncates(x, Int64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int64(x)
                s[0] = slot(result)
                pc += 1
            case .i64TruncF64U:
                let s = fp + a(pc)
                let x = Double(f64(s[0]))
                if !truncates(x, UInt64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt64(x)
                s[0] = slot(result)
                pc += 1
            case .f32ConvertI32S:
                let s = fp + a(pc)
                s[0] = slot(Float(s32(s[0])))
                pc += 1
            case .f32ConvertI32U:
                let s = fp + a(pc)
                s[0] = slot(Float(u32(s[0])))
                pc += 1
            case .f32ConvertI64S:
                let s = fp + a(pc)
                s[0] = slot(Float(s64(s[0])))
                pc += 1
            case .f32ConvertI64U:
                let s = fp + a(pc)
                s[0] = slot(Float(UInt64(s[0])))
                pc += 1
            case .f32DemoteF64:
                let s = fp + a(pc)
                s[0] = slot(Float(f64(s[0])))
                pc += 1
            case .f64ConvertI32S:
                let s = fp + a(pc)
                s[0] = slot(Double(s32(s[0])))
                pc += 1
            case .f64ConvertI32U:
                let s = fp + a(pc)
                s[0] = slot(Double(u32(s[0])))
                pc += 1
            case .f64ConvertI64S:
                let s = fp + a(pc)
                s[0] = slot(Double(s64(s[0])))
                pc += 1
            case .f64ConvertI64U:
                let s = fp + a(pc)
                s[0] = slot(Double(UInt64(s[0])))
                pc += 1
            case .f64PromoteF32:
                let s = fp + a(pc)
                s[0] = slot(Double(f32(s[0])))
                pc += 1
            case .i32Extend8S:
                let s = fp + a(pc)
                s[0] = slot(Int32(Int8(truncatingIfNeeded: s[0])))
                pc += 1
            case .i32Extend16S:
                let s = fp + a(pc)
                s[0] = slot(Int32(Int16(truncatingIfNeeded: s[0])))
                pc += 1
            case .i64Extend8S:
                let s = fp + a(pc)
                s[0] = slot(Int64(Int8(truncatingIfNeeded: s[0])))
                pc += 1
            case .i64Extend16S:
                let s = fp + a(pc)
                s[0] = slot(Int64(Int16(truncatingIfNeeded: s[0])))
                pc += 1
            case .i64Extend32S:
                let s = fp + a(pc)
                s[0] = slot(Int64(s32(s[0])))
                pc += 1
            case .i32TruncSatF32S:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f32(s[0])), Int32.self) ? Int32(f32(s[0])) : saturation(Double(f32(s[0])), Int32.self))
                pc += 1
            case .i32TruncSatF32U:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f32(s[0])), UInt32.self) ? UInt32(f32(s[0])) : saturation(Double(f32(s[0])), UInt32.self))
                pc += 1
            case .i32TruncSatF64S:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f64(s[0])), Int32.self) ? Int32(f64(s[0])) : saturation(Double(f64(s[0])), Int32.self))
                pc += 1
            case .i32TruncSatF64U:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f64(s[0])), UInt32.self) ? UInt32(f64(s[0])) : saturation(Double(f64(s[0])), UInt32.self))
                pc += 1
            case .i64TruncSatF32S:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f32(s[0])), Int64.self) ? Int64(f32(s[0])) : saturation(Double(f32(s[0])), Int64.self))
                pc += 1
            case .i64TruncSatF32U:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f32(s[0])), UInt64.self) ? UInt64(f32(s[0])) : saturation(Double(f32(s[0])), UInt64.self))
                pc += 1
            case .i64TruncSatF64S:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f64(s[0])), Int64.self) ? Int64(f64(s[0])) : saturation(Double(f64(s[0])), Int64.self))
                pc += 1
            case .i64TruncSatF64U:
                let s = fp + a(pc)
                s[0] = slot(truncates(Double(f64(s[0])), UInt64.self) ? UInt64(f64(s[0])) : saturation(Double(f64(s[0])), UInt64.self))
                pc += 1
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
