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
        let entries = r.pointee.entries
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
                fp[a(pc)] = u32(fp[Int(truncatingIfNeeded: pc[1])]) != 0 ? fp[b(pc)] : fp[c(pc)]
                pc += 2
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
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4092 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt32.self)
                    fp[a(pc)] = slot(value)
                } else {
                    code = Engine.load(r, address, 4)
                    if code != .none { break dispatch }
                    let value = UInt32(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(value)
                }
                pc += 2
            case .i64Load:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4088 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt64.self)
                    fp[a(pc)] = slot(value)
                } else {
                    code = Engine.load(r, address, 8)
                    if code != .none { break dispatch }
                    let value = UInt64(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(value)
                }
                pc += 2
            case .i32Load8S:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)] {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int8.self)
                    fp[a(pc)] = slot(Int32(value))
                } else {
                    code = Engine.load(r, address, 1)
                    if code != .none { break dispatch }
                    let value = Int8(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(Int32(value))
                }
                pc += 2
            case .i32Load8U:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)] {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt8.self)
                    fp[a(pc)] = slot(UInt32(value))
                } else {
                    code = Engine.load(r, address, 1)
                    if code != .none { break dispatch }
                    let value = UInt8(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(UInt32(value))
                }
                pc += 2
            case .i32Load16S:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int16.self)
                    fp[a(pc)] = slot(Int32(value))
                } else {
                    code = Engine.load(r, address, 2)
                    if code != .none { break dispatch }
                    let value = Int16(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(Int32(value))
                }
                pc += 2
            case .i32Load16U:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: UInt16.self)
                    fp[a(pc)] = slot(UInt32(value))
                } else {
                    code = Engine.load(r, address, 2)
                    if code != .none { break dispatch }
                    let value = UInt16(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(UInt32(value))
                }
                pc += 2
            case .i64Load8S:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)] {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int8.self)
                    fp[a(pc)] = slot(Int64(value))
                } else {
                    code = Engine.load(r, address, 1)
                    if code != .none { break dispatch }
                    let value = Int8(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(Int64(value))
                }
                pc += 2
            case .i64Load16S:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int16.self)
                    fp[a(pc)] = slot(Int64(value))
                } else {
                    code = Engine.load(r, address, 2)
                    if code != .none { break dispatch }
                    let value = Int16(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(Int64(value))
                }
                pc += 2
            case .i64Load32S:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = reads[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4092 {
                    let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: Int32.self)
                    fp[a(pc)] = slot(Int64(value))
                } else {
                    code = Engine.load(r, address, 4)
                    if code != .none { break dispatch }
                    let value = Int32(truncatingIfNeeded: r.pointee.transfer)
                    fp[a(pc)] = slot(Int64(value))
                }
                pc += 2
            case .i32Store:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4092 {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt32(truncatingIfNeeded: fp[c(pc)]), as: UInt32.self)
                } else {
                    code = Engine.store(r, address, 4, fp[c(pc)])
                    if code != .none { break dispatch }
                }
                pc += 2
            case .i64Store:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4088 {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt64(truncatingIfNeeded: fp[c(pc)]), as: UInt64.self)
                } else {
                    code = Engine.store(r, address, 8, fp[c(pc)])
                    if code != .none { break dispatch }
                }
                pc += 2
            case .i32Store8:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)] {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt8(truncatingIfNeeded: fp[c(pc)]), as: UInt8.self)
                } else {
                    code = Engine.store(r, address, 1, fp[c(pc)])
                    if code != .none { break dispatch }
                }
                pc += 2
            case .i32Store16:
                let address = UInt64(u32(fp[b(pc)])) &+ pc[1]
                if let page = writes[Int(truncatingIfNeeded: address &>> 12)], address & 4_095 <= 4094 {
                    (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(
                        of: UInt16(truncatingIfNeeded: fp[c(pc)]), as: UInt16.self)
                } else {
                    code = Engine.store(r, address, 2, fp[c(pc)])
                    if code != .none { break dispatch }
                }
                pc += 2
            case .i32Eqz:
                fp[a(pc)] = slot(u32(fp[b(pc)]) == 0)
                pc += 1
            case .i32Eq:
                fp[a(pc)] = slot(u32(fp[b(pc)]) == u32(fp[c(pc)]))
                pc += 1
            case .i32Ne:
                fp[a(pc)] = slot(u32(fp[b(pc)]) != u32(fp[c(pc)]))
                pc += 1
            case .i32LtS:
                fp[a(pc)] = slot(s32(fp[b(pc)]) < s32(fp[c(pc)]))
                pc += 1
            case .i32LtU:
                fp[a(pc)] = slot(u32(fp[b(pc)]) < u32(fp[c(pc)]))
                pc += 1
            case .i32GtS:
                fp[a(pc)] = slot(s32(fp[b(pc)]) > s32(fp[c(pc)]))
                pc += 1
            case .i32GtU:
                fp[a(pc)] = slot(u32(fp[b(pc)]) > u32(fp[c(pc)]))
                pc += 1
            case .i32LeS:
                fp[a(pc)] = slot(s32(fp[b(pc)]) <= s32(fp[c(pc)]))
                pc += 1
            case .i32LeU:
                fp[a(pc)] = slot(u32(fp[b(pc)]) <= u32(fp[c(pc)]))
                pc += 1
            case .i32GeS:
                fp[a(pc)] = slot(s32(fp[b(pc)]) >= s32(fp[c(pc)]))
                pc += 1
            case .i32GeU:
                fp[a(pc)] = slot(u32(fp[b(pc)]) >= u32(fp[c(pc)]))
                pc += 1
            case .i64Eqz:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) == 0)
                pc += 1
            case .i64Eq:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) == UInt64(fp[c(pc)]))
                pc += 1
            case .i64Ne:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) != UInt64(fp[c(pc)]))
                pc += 1
            case .i64LtS:
                fp[a(pc)] = slot(s64(fp[b(pc)]) < s64(fp[c(pc)]))
                pc += 1
            case .i64LtU:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) < UInt64(fp[c(pc)]))
                pc += 1
            case .i64GtS:
                fp[a(pc)] = slot(s64(fp[b(pc)]) > s64(fp[c(pc)]))
                pc += 1
            case .i64GtU:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) > UInt64(fp[c(pc)]))
                pc += 1
            case .i64LeS:
                fp[a(pc)] = slot(s64(fp[b(pc)]) <= s64(fp[c(pc)]))
                pc += 1
            case .i64LeU:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) <= UInt64(fp[c(pc)]))
                pc += 1
            case .i64GeS:
                fp[a(pc)] = slot(s64(fp[b(pc)]) >= s64(fp[c(pc)]))
                pc += 1
            case .i64GeU:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) >= UInt64(fp[c(pc)]))
                pc += 1
            case .f32Eq:
                fp[a(pc)] = slot(f32(fp[b(pc)]) == f32(fp[c(pc)]))
                pc += 1
            case .f32Ne:
                fp[a(pc)] = slot(f32(fp[b(pc)]) != f32(fp[c(pc)]))
                pc += 1
            case .f32Lt:
                fp[a(pc)] = slot(f32(fp[b(pc)]) < f32(fp[c(pc)]))
                pc += 1
            case .f32Gt:
                fp[a(pc)] = slot(f32(fp[b(pc)]) > f32(fp[c(pc)]))
                pc += 1
            case .f32Le:
                fp[a(pc)] = slot(f32(fp[b(pc)]) <= f32(fp[c(pc)]))
                pc += 1
            case .f32Ge:
                fp[a(pc)] = slot(f32(fp[b(pc)]) >= f32(fp[c(pc)]))
                pc += 1
            case .f64Eq:
                fp[a(pc)] = slot(f64(fp[b(pc)]) == f64(fp[c(pc)]))
                pc += 1
            case .f64Ne:
                fp[a(pc)] = slot(f64(fp[b(pc)]) != f64(fp[c(pc)]))
                pc += 1
            case .f64Lt:
                fp[a(pc)] = slot(f64(fp[b(pc)]) < f64(fp[c(pc)]))
                pc += 1
            case .f64Gt:
                fp[a(pc)] = slot(f64(fp[b(pc)]) > f64(fp[c(pc)]))
                pc += 1
            case .f64Le:
                fp[a(pc)] = slot(f64(fp[b(pc)]) <= f64(fp[c(pc)]))
                pc += 1
            case .f64Ge:
                fp[a(pc)] = slot(f64(fp[b(pc)]) >= f64(fp[c(pc)]))
                pc += 1
            case .i32Clz:
                fp[a(pc)] = slot(UInt64(truncatingIfNeeded: u32(fp[b(pc)]).leadingZeroBitCount))
                pc += 1
            case .i32Ctz:
                fp[a(pc)] = slot(UInt64(truncatingIfNeeded: u32(fp[b(pc)]).trailingZeroBitCount))
                pc += 1
            case .i32Popcnt:
                fp[a(pc)] = slot(UInt64(truncatingIfNeeded: u32(fp[b(pc)]).nonzeroBitCount))
                pc += 1
            case .i32Add:
                fp[a(pc)] = slot(u32(fp[b(pc)]) &+ u32(fp[c(pc)]))
                pc += 1
            case .i32Sub:
                fp[a(pc)] = slot(u32(fp[b(pc)]) &- u32(fp[c(pc)]))
                pc += 1
            case .i32Mul:
                fp[a(pc)] = slot(u32(fp[b(pc)]) &* u32(fp[c(pc)]))
                pc += 1
            case .i32DivS:
                let x = s32(fp[b(pc)]), y = s32(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                if y == -1 && x == .min { code = Engine.trap(r, .integerOverflow); break dispatch }
                let result = x / y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32DivU:
                let x = u32(fp[b(pc)]), y = u32(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x / y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32RemS:
                let x = s32(fp[b(pc)]), y = s32(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = y == -1 ? 0 : x % y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32RemU:
                let x = u32(fp[b(pc)]), y = u32(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x % y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32And:
                fp[a(pc)] = slot(u32(fp[b(pc)]) & u32(fp[c(pc)]))
                pc += 1
            case .i32Or:
                fp[a(pc)] = slot(u32(fp[b(pc)]) | u32(fp[c(pc)]))
                pc += 1
            case .i32Xor:
                fp[a(pc)] = slot(u32(fp[b(pc)]) ^ u32(fp[c(pc)]))
                pc += 1
            case .i32Shl:
                fp[a(pc)] = slot(u32(fp[b(pc)]) &<< u32(fp[c(pc)]))
                pc += 1
            case .i32ShrS:
                fp[a(pc)] = slot(s32(fp[b(pc)]) &>> s32(fp[c(pc)]))
                pc += 1
            case .i32ShrU:
                fp[a(pc)] = slot(u32(fp[b(pc)]) &>> u32(fp[c(pc)]))
                pc += 1
            case .i32Rotl:
                fp[a(pc)] = slot((u32(fp[b(pc)]) &<< u32(fp[c(pc)])) | (u32(fp[b(pc)]) &>> (0 &- u32(fp[c(pc)]))))
                pc += 1
            case .i32Rotr:
                fp[a(pc)] = slot((u32(fp[b(pc)]) &>> u32(fp[c(pc)])) | (u32(fp[b(pc)]) &<< (0 &- u32(fp[c(pc)]))))
                pc += 1
            case .i64Clz:
                fp[a(pc)] = slot(UInt64(truncatingIfNeeded: UInt64(fp[b(pc)]).leadingZeroBitCount))
                pc += 1
            case .i64Ctz:
                fp[a(pc)] = slot(UInt64(truncatingIfNeeded: UInt64(fp[b(pc)]).trailingZeroBitCount))
                pc += 1
            case .i64Popcnt:
                fp[a(pc)] = slot(UInt64(truncatingIfNeeded: UInt64(fp[b(pc)]).nonzeroBitCount))
                pc += 1
            case .i64Add:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) &+ UInt64(fp[c(pc)]))
                pc += 1
            case .i64Sub:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) &- UInt64(fp[c(pc)]))
                pc += 1
            case .i64Mul:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) &* UInt64(fp[c(pc)]))
                pc += 1
            case .i64DivS:
                let x = s64(fp[b(pc)]), y = s64(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                if y == -1 && x == .min { code = Engine.trap(r, .integerOverflow); break dispatch }
                let result = x / y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64DivU:
                let x = UInt64(fp[b(pc)]), y = UInt64(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x / y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64RemS:
                let x = s64(fp[b(pc)]), y = s64(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = y == -1 ? 0 : x % y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64RemU:
                let x = UInt64(fp[b(pc)]), y = UInt64(fp[c(pc)])
                if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }
                let result = x % y
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64And:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) & UInt64(fp[c(pc)]))
                pc += 1
            case .i64Or:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) | UInt64(fp[c(pc)]))
                pc += 1
            case .i64Xor:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) ^ UInt64(fp[c(pc)]))
                pc += 1
            case .i64Shl:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) &<< UInt64(fp[c(pc)]))
                pc += 1
            case .i64ShrS:
                fp[a(pc)] = slot(s64(fp[b(pc)]) &>> s64(fp[c(pc)]))
                pc += 1
            case .i64ShrU:
                fp[a(pc)] = slot(UInt64(fp[b(pc)]) &>> UInt64(fp[c(pc)]))
                pc += 1
            case .i64Rotl:
                fp[a(pc)] = slot((UInt64(fp[b(pc)]) &<< UInt64(fp[c(pc)])) | (UInt64(fp[b(pc)]) &>> (0 &- UInt64(fp[c(pc)]))))
                pc += 1
            case .i64Rotr:
                fp[a(pc)] = slot((UInt64(fp[b(pc)]) &>> UInt64(fp[c(pc)])) | (UInt64(fp[b(pc)]) &<< (0 &- UInt64(fp[c(pc)]))))
                pc += 1
            case .f32Abs:
                fp[a(pc)] = slot(u32(fp[b(pc)]) & 0x7FFF_FFFF)
                pc += 1
            case .f32Neg:
                fp[a(pc)] = slot(u32(fp[b(pc)]) ^ 0x8000_0000)
                pc += 1
            case .f32Ceil:
                fp[a(pc)] = slot(f32(fp[b(pc)]).rounded(.up))
                pc += 1
            case .f32Floor:
                fp[a(pc)] = slot(f32(fp[b(pc)]).rounded(.down))
                pc += 1
            case .f32Trunc:
                fp[a(pc)] = slot(f32(fp[b(pc)]).rounded(.towardZero))
                pc += 1
            case .f32Nearest:
                fp[a(pc)] = slot(f32(fp[b(pc)]).rounded(.toNearestOrEven))
                pc += 1
            case .f32Sqrt:
                fp[a(pc)] = slot(f32(fp[b(pc)]).squareRoot())
                pc += 1
            case .f32Add:
                fp[a(pc)] = slot(f32(fp[b(pc)]) + f32(fp[c(pc)]))
                pc += 1
            case .f32Sub:
                fp[a(pc)] = slot(f32(fp[b(pc)]) - f32(fp[c(pc)]))
                pc += 1
            case .f32Mul:
                fp[a(pc)] = slot(f32(fp[b(pc)]) * f32(fp[c(pc)]))
                pc += 1
            case .f32Div:
                fp[a(pc)] = slot(f32(fp[b(pc)]) / f32(fp[c(pc)]))
                pc += 1
            case .f32Min:
                fp[a(pc)] = slot(least(f32(fp[b(pc)]), f32(fp[c(pc)])))
                pc += 1
            case .f32Max:
                fp[a(pc)] = slot(greatest(f32(fp[b(pc)]), f32(fp[c(pc)])))
                pc += 1
            case .f32Copysign:
                fp[a(pc)] = slot((u32(fp[b(pc)]) & 0x7FFF_FFFF) | (u32(fp[c(pc)]) & 0x8000_0000))
                pc += 1
            case .f64Abs:
                fp[a(pc)] = slot(fp[b(pc)] & 0x7FFF_FFFF_FFFF_FFFF)
                pc += 1
            case .f64Neg:
                fp[a(pc)] = slot(fp[b(pc)] ^ 0x8000_0000_0000_0000)
                pc += 1
            case .f64Ceil:
                fp[a(pc)] = slot(f64(fp[b(pc)]).rounded(.up))
                pc += 1
            case .f64Floor:
                fp[a(pc)] = slot(f64(fp[b(pc)]).rounded(.down))
                pc += 1
            case .f64Trunc:
                fp[a(pc)] = slot(f64(fp[b(pc)]).rounded(.towardZero))
                pc += 1
            case .f64Nearest:
                fp[a(pc)] = slot(f64(fp[b(pc)]).rounded(.toNearestOrEven))
                pc += 1
            case .f64Sqrt:
                fp[a(pc)] = slot(f64(fp[b(pc)]).squareRoot())
                pc += 1
            case .f64Add:
                fp[a(pc)] = slot(f64(fp[b(pc)]) + f64(fp[c(pc)]))
                pc += 1
            case .f64Sub:
                fp[a(pc)] = slot(f64(fp[b(pc)]) - f64(fp[c(pc)]))
                pc += 1
            case .f64Mul:
                fp[a(pc)] = slot(f64(fp[b(pc)]) * f64(fp[c(pc)]))
                pc += 1
            case .f64Div:
                fp[a(pc)] = slot(f64(fp[b(pc)]) / f64(fp[c(pc)]))
                pc += 1
            case .f64Min:
                fp[a(pc)] = slot(least(f64(fp[b(pc)]), f64(fp[c(pc)])))
                pc += 1
            case .f64Max:
                fp[a(pc)] = slot(greatest(f64(fp[b(pc)]), f64(fp[c(pc)])))
                pc += 1
            case .f64Copysign:
                fp[a(pc)] = slot((fp[b(pc)] & 0x7FFF_FFFF_FFFF_FFFF) | (fp[c(pc)] & 0x8000_0000_0000_0000))
                pc += 1
            case .i32WrapI64:
                fp[a(pc)] = slot(u32(fp[b(pc)]))
                pc += 1
            case .i32TruncF32S:
                let x = Double(f32(fp[b(pc)]))
                if !truncates(x, Int32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int32(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32TruncF32U:
                let x = Double(f32(fp[b(pc)]))
                if !truncates(x, UInt32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt32(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32TruncF64S:
                let x = Double(f64(fp[b(pc)]))
                if !truncates(x, Int32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int32(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i32TruncF64U:
                let x = Double(f64(fp[b(pc)]))
                if !truncates(x, UInt32.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt32(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64ExtendI32S:
                fp[a(pc)] = slot(Int64(s32(fp[b(pc)])))
                pc += 1
            case .i64TruncF32S:
                let x = Double(f32(fp[b(pc)]))
                if !truncates(x, Int64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int64(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64TruncF32U:
                let x = Double(f32(fp[b(pc)]))
                if !truncates(x, UInt64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt64(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64TruncF64S:
                let x = Double(f64(fp[b(pc)]))
                if !truncates(x, Int64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = Int64(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .i64TruncF64U:
                let x = Double(f64(fp[b(pc)]))
                if !truncates(x, UInt64.self) {
                    code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                    break dispatch
                }
                let result = UInt64(x)
                fp[a(pc)] = slot(result)
                pc += 1
            case .f32ConvertI32S:
                fp[a(pc)] = slot(Float(s32(fp[b(pc)])))
                pc += 1
            case .f32ConvertI32U:
                fp[a(pc)] = slot(Float(u32(fp[b(pc)])))
                pc += 1
            case .f32ConvertI64S:
                fp[a(pc)] = slot(Float(s64(fp[b(pc)])))
                pc += 1
            case .f32ConvertI64U:
                fp[a(pc)] = slot(Float(UInt64(fp[b(pc)])))
                pc += 1
            case .f32DemoteF64:
                fp[a(pc)] = slot(Float(f64(fp[b(pc)])))
                pc += 1
            case .f64ConvertI32S:
                fp[a(pc)] = slot(Double(s32(fp[b(pc)])))
                pc += 1
            case .f64ConvertI32U:
                fp[a(pc)] = slot(Double(u32(fp[b(pc)])))
                pc += 1
            case .f64ConvertI64S:
                fp[a(pc)] = slot(Double(s64(fp[b(pc)])))
                pc += 1
            case .f64ConvertI64U:
                fp[a(pc)] = slot(Double(UInt64(fp[b(pc)])))
                pc += 1
            case .f64PromoteF32:
                fp[a(pc)] = slot(Double(f32(fp[b(pc)])))
                pc += 1
            case .i32Extend8S:
                fp[a(pc)] = slot(Int32(Int8(truncatingIfNeeded: fp[b(pc)])))
                pc += 1
            case .i32Extend16S:
                fp[a(pc)] = slot(Int32(Int16(truncatingIfNeeded: fp[b(pc)])))
                pc += 1
            case .i64Extend8S:
                fp[a(pc)] = slot(Int64(Int8(truncatingIfNeeded: fp[b(pc)])))
                pc += 1
            case .i64Extend16S:
                fp[a(pc)] = slot(Int64(Int16(truncatingIfNeeded: fp[b(pc)])))
                pc += 1
            case .i64Extend32S:
                fp[a(pc)] = slot(Int64(s32(fp[b(pc)])))
                pc += 1
            case .i32TruncSatF32S:
                fp[a(pc)] = slot(saturated(Double(f32(fp[b(pc)])), Int32.self))
                pc += 1
            case .i32TruncSatF32U:
                fp[a(pc)] = slot(saturated(Double(f32(fp[b(pc)])), UInt32.self))
                pc += 1
            case .i32TruncSatF64S:
                fp[a(pc)] = slot(saturated(Double(f64(fp[b(pc)])), Int32.self))
                pc += 1
            case .i32TruncSatF64U:
                fp[a(pc)] = slot(saturated(Double(f64(fp[b(pc)])), UInt32.self))
                pc += 1
            case .i64TruncSatF32S:
                fp[a(pc)] = slot(saturated(Double(f32(fp[b(pc)])), Int64.self))
                pc += 1
            case .i64TruncSatF32U:
                fp[a(pc)] = slot(saturated(Double(f32(fp[b(pc)])), UInt64.self))
                pc += 1
            case .i64TruncSatF64S:
                fp[a(pc)] = slot(saturated(Double(f64(fp[b(pc)])), Int64.self))
                pc += 1
            case .i64TruncSatF64U:
                fp[a(pc)] = slot(saturated(Double(f64(fp[b(pc)])), UInt64.self))
                pc += 1
            }
        }
        if code.restartsInstruction { gas &+= cost(pc) }
        r.pointee.pc = pc
        r.pointee.frame = fp
        r.pointee.gas = gas
        r.pointee.shadow = shadow
        return code
    }
}
