// Validates the bodies of a module's functions one after the other (core 2.0, 3.3 and appendix A.3), in one pass over
// their bytes without recursion. Instructions whose types the table of operations gives in full take the short way;
// the others are in the extension.
//
// Invariant: time is proportional to the bytes of the bodies, as each label or call compares one list of at most 1,000
// types, eight at a time.

struct FunctionValidator: ~Copyable {
    let context: ValidationContext
    let bytes: UnsafeBufferPointer<UInt8>
    var stack: OperandStack
    var locals = LocalTypes()

    typealias Reason = ValidationError.Reason

    init(_ context: ValidationContext, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.context = context
        self.bytes = bytes
        stack = OperandStack(pool: context.pool)
    }

    /// The highest operand stack of the function, in slots; `index` counts imports.
    mutating func validate(_ body: FunctionBody, index: Int) throws(ValidationError) -> Int {
        let shape = context.functionShapes[index]
        locals.reset(parameters: shape.parameters, of: context.pool, runs: body.locals)
        var reader = InstructionReader(bytes, in: body.code)
        var offset = body.code.lowerBound
        do throws(Reason) {
            try stack.reset(shape: shape, localCount: locals.count)
            while !stack.blocks.isEmpty {
                offset = reader.offset
                let next: DecodedInstruction?
                do throws(DecodeError) {
                    next = try reader.next()
                } catch {
                    offset = error.offset
                    throw .malformed(error.reason)
                }
                guard let next else {
                    throw .malformed(offset == bytes.count ? .unexpectedEndOfSection : .endExpected)
                }
                try check(next)
            }
            offset = reader.offset
            guard offset == body.code.upperBound else {
                throw .malformed(.sectionSizeMismatch(expectedEnd: body.code.upperBound, foundEnd: offset))
            }
        } catch {
            throw ValidationError(error, at: offset, function: index)
        }
        return stack.maximumHeight
    }

    @inline(__always)
    private mutating func check(_ next: DecodedInstruction) throws(Reason) {
        guard let parameters = next.instruction.parameters, let results = next.instruction.results else {
            try checkSpecial(next)
            return
        }
        switch next.instruction.immediates {
        case .none, .i32, .i64, .f32, .f64: break
        case .memoryArgument:
            guard context.memoryCount > 0 else { throw .unknown(.memory, index: 0) }
            let natural = next.instruction.alignmentExponent
            guard next.second <= UInt64(natural) else {
                throw .alignmentTooLarge(found: UInt32(next.second), natural: natural)
            }
        default: try checkIndices(next)
        }
        var left = parameters.bits
        while left != 0 {
            let shift = UInt32(parameters.bits.bitWidth - 1 - left.leadingZeroBitCount) & ~7
            try stack.pop(UInt8(truncatingIfNeeded: left &>> shift))
            left &= ~(0xFF &<< shift)
        }
        left = results.bits
        while left != 0 {
            try stack.push(UInt8(truncatingIfNeeded: left))
            left &>>= 8
        }
    }
}
