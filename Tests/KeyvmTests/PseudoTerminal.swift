// A terminal that a test holds the other end of: what a person sees, and what is typed.

import Glibc
import Testing

/// A pseudo-terminal (pty(7)).
final class PseudoTerminal {
    /// The terminal's own path, for who is to use it.
    let path: String
    private let controller: Int32
    /// Held open, so that what was written is there to be read after its writer has ended.
    private let terminal: Int32
    /// All that was written to it.
    private(set) var bytes: [UInt8] = []
    private(set) var screen: ScreenText

    init(columns: Int = 80, rows: Int = 24) throws {
        let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        try #require(controller >= 0, "no pseudo-terminal: \(String(cString: strerror(errno)))")
        self.controller = controller
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        try #require(ioctl(controller, setLock, &unlocked) == 0 && ioctl(controller, getNumber, &number) == 0)
        path = "/dev/pts/\(number)"
        terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(terminal >= 0, "\(path)")
        screen = ScreenText(columns: columns, rows: rows)
        try resize(columns: columns, rows: rows)
    }

    deinit {
        close(terminal)
        close(controller)
    }

    /// Changes the size, of which the programs at the terminal are told by SIGWINCH.
    func resize(columns: Int, rows: Int) throws {
        read()
        screen.resize(columns: columns, rows: rows)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(controller, UInt(TIOCSWINSZ), &size) == 0)
    }

    func type(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(write(controller, bytes, bytes.count) == bytes.count)
    }

    /// Takes in what was written since.
    func read() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(controller, &chunk, chunk.count)
            guard count > 0 else { return }
            bytes += chunk[..<count]
            screen.show(chunk[..<count])
        }
    }

    /// What was written, as text, with line breaks as a program writes them.
    var text: String { String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self) }
}

/// `TIOCSPTLCK` and `TIOCGPTN` of Linux's asm/ioctls.h, which Swift's Glibc does not bring in.
private let setLock: UInt = 0x4004_5431
private let getNumber: UInt = 0x8004_5430

/// What stands on a screen after the sequences that `keyvm` uses (ECMA-48, and xterm's private modes).
struct ScreenText {
    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var isAlternate = false
    private(set) var showsCursor = true
    /// Whether anything was coloured, bold or the like.
    private(set) var isStyled = false
    /// Whether something was written beyond the last column.
    private(set) var overflows = false
    private var cells: [[Character]] = []
    private var row = 0
    private var column = 0
    private var pending: [UInt8] = []

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        clear()
    }

    var lines: [String] {
        cells.map { String($0.reversed().drop { $0 == " " }.reversed()) }
    }

    mutating func resize(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        clear()
    }

    private mutating func clear() {
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    mutating func show(_ bytes: ArraySlice<UInt8>) {
        pending += bytes
        while let first = pending.first {
            if first == 0x1b {
                // ESC [ parameters final
                guard let end = pending.indices.dropFirst(2).first(where: { (0x40...0x7e).contains(pending[$0]) })
                else {
                    return
                }
                perform(String(decoding: pending[2..<end], as: UTF8.self), Character(UnicodeScalar(pending[end])))
                pending.removeFirst(end + 1)
                continue
            }
            let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
            guard pending.count >= length else { return }
            put(Character(String(decoding: pending.prefix(length), as: UTF8.self)))
            pending.removeFirst(length)
        }
    }

    private mutating func perform(_ parameters: String, _ final: Character) {
        switch final {
        case "H":
            let place = parameters.split(separator: ";").compactMap { Int($0) }
            (row, column) = ((place.first ?? 1) - 1, (place.last ?? 1) - 1)
        case "K" where cells.indices.contains(row) && column <= columns:
            for index in column..<columns { cells[row][index] = " " }
        case "J": clear()
        case "m": isStyled = true
        case "h", "l":
            if parameters == "?1049" {
                isAlternate = final == "h"
                clear()
                (row, column) = (0, 0)
            }
            if parameters == "?25" { showsCursor = final == "h" }
        default: Issue.record("an unknown sequence: \(parameters)\(final)")
        }
    }

    private mutating func put(_ character: Character) {
        switch character {
        case "\r": column = 0
        case "\n", "\r\n": row += 1
        default:
            if cells.indices.contains(row) && column < columns {
                cells[row][column] = character
            } else {
                overflows = true
            }
            column += 1
        }
    }
}
