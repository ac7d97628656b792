// Blocks, branches, calls and returns. A branch that leaves its values where they are takes one word; one that moves them
// says in a second word from where to where: destination slot in bits 0 to 15, source 16 to 31, count 32 to 47.

import WebAssembly

extension Lowering {
    mutating func lowerControl() {
        switch current.instruction {
        case .block: pushBlock(.block)
        case .loop: pushBlock(.loop)
        case .if:
            let branch = code.count
            emit(.brUnless, a: slot(height - 1), immediate: 0)
            height -= 1
            pushBlock(.then)
            controls.top.elseBranch = branch
        case .else: lowerElse()
        case .end: lowerEnd()
        case .br:
            branch(label: Int(current.first))
            skippedDepth = 0
        case .brIf: branchIf(label: Int(current.first))
        case .brTable:
            branchTable()
            skippedDepth = 0
        case .return:
            emitReturn(count: facts.types[body.typeIndex].results.count)
            skippedDepth = 0
        default:
            emit(.unreachable)
            skippedDepth = 0
        }
    }

    private mutating func pushBlock(_ kind: ControlFrame.Kind) {
        let (parameterCount, resultCount) = facts.arity(of: current.blockType)
        controls.push(
            ControlFrame(
                kind: kind, height: height - parameterCount, parameterCount: parameterCount, resultCount: resultCount,
                start: code.count))
    }

    /// Ends the first arm of an `if`: by a branch to the end that costs nothing, where the arm's end can be reached.
    mutating func lowerElse() {
        if skippedDepth == nil {
            let branch = code.count
            emit(.br, immediate: 0)
            controls.wait(label: 0, word: branch, origin: branch)
        }
        if let branch = controls.top.elseBranch {
            patch(Fixup(word: branch, origin: branch), to: code.count)
        }
        controls.top.kind = .otherwise
        controls.top.elseBranch = nil
        height = controls.top.height + controls.top.parameterCount
        skippedDepth = nil
    }

    /// Ends a block; the last end of a function returns.
    mutating func lowerEnd() {
        let frame = controls.pop()
        if let branch = frame.elseBranch {
            patch(Fixup(word: branch, origin: branch), to: code.count)
        }
        var next = frame.fixup
        while let index = next {
            patch(controls.fixups[index], to: code.count)
            next = controls.fixups[index].next
        }
        let isReached = skippedDepth == nil || frame.fixup != nil || frame.elseBranch != nil
        height = frame.height + frame.resultCount
        skippedDepth = isReached ? nil : 0
        if controls.isEmpty && isReached { emitReturn(count: frame.resultCount) }
    }

    /// Returns the top `count` operands.
    private mutating func emitReturn(count: Int) {
        let source = slot(height - count)
        let link = stackBase - 2
        switch count {
        case 0: emit(.return0, c: link)
        case 1: emit(.return1, a: source, c: link)
        default: emit(.returnMany, a: source, b: count, c: link)
        }
    }

    /// Where the values of a branch taken at the current height come from and go to, or nil where they stay.
    private func moved(label: Int) -> UInt64? {
        let frame = controls.frame(label: label)
        let source = slot(height - frame.arity)
        let destination = slot(frame.height)
        if frame.arity == 0 || source == destination { return nil }
        return UInt64(destination) | UInt64(source) << 16 | UInt64(frame.arity) << 32
    }

    private mutating func branch(label: Int) {
        let move = moved(label: label)
        let origin = code.count
        emit(move == nil ? .br : .brMove, immediate: 0)
        if let move { code.append(move) }
        aim(label: label, word: origin, origin: origin)
    }

    private mutating func branchIf(label: Int) {
        let condition = slot(height - 1)
        let origin = code.count
        height -= 1
        let move = moved(label: label)
        height += 1
        emit(move == nil ? .brIf : .brIfMove, a: condition, immediate: 0)
        height -= 1
        if let move { code.append(move) }
        aim(label: label, word: origin, origin: origin)
    }

    /// Word 0: selector in a, number of labels without the default as immediate. Word 1: source slot in bits 16 to 31,
    /// count 32 to 47. Then an entry for each label: distance in the low half, destination slot above it.
    private mutating func branchTable() {
        let origin = code.count
        emit(.brTable, a: slot(height - 1), immediate: UInt32(current.first))
        height -= 1
        let arity = controls.frame(label: Int(current.second)).arity
        code.append(UInt64(slot(height - arity)) << 16 | UInt64(arity) << 32)
        for label in IndexList(bytes, in: current.list) { appendEntry(label: Int(label), origin: origin) }
        appendEntry(label: Int(current.second), origin: origin)
    }

    private mutating func appendEntry(label: Int, origin: Int) {
        let word = code.count
        code.append(UInt64(slot(controls.frame(label: label).height)) << 32)
        aim(label: label, word: word, origin: origin)
    }

    /// Lets a branch go to its label: to a loop's beginning, or to an end not seen yet.
    private mutating func aim(label: Int, word: Int, origin: Int) {
        let frame = controls.frame(label: label)
        if frame.kind == .loop {
            patch(Fixup(word: word, origin: origin), to: frame.start)
        } else {
            controls.wait(label: label, word: word, origin: origin)
        }
    }

    /// Word 0: first argument's slot in a; the function as immediate, or the selector's slot in b. Word 1: the link's
    /// first word. `call_indirect` has a third: type number, table in the high half.
    mutating func lowerCall(next: Int) {
        let link = UInt64(functionIndex) << 32 | UInt64(next)
        let type: FunctionType
        if current.instruction == .call {
            type = facts.types[facts.functionTypes[Int(current.first)]]
            emit(.call, a: slot(height - type.parameters.count), immediate: UInt32(current.first))
            code.append(link)
            height -= type.parameters.count
        } else {
            type = facts.types[Int(current.first)]
            emit(.callIndirect, a: slot(height - 1 - type.parameters.count), b: slot(height - 1))
            code.append(link)
            code.append(UInt64(facts.typeNumbers[Int(current.first)]) | current.second << 32)
            height -= type.parameters.count + 1
        }
        height += type.results.count
    }
}
