// `keyvm new`: a project of one's own, which compiles and runs as it is.

import ArgumentParser
import Glibc
import Kit
import World

struct NewVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "A program of your own: a folder with a source to go on from, and all that it takes.",
        subcommands: [NewCVerb.self, NewSwiftVerb.self])
}

/// What both verbs take.
struct NewOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The folder to make; its name is the program's.", valueName: "dir"))
    var folder: String

    @Flag(name: .customLong("json"), help: "Answer with one JSON object; errors too.")
    var json = false

    func validate() throws {
        let name = self.name
        // A client is called so with `-client` behind it, and what is all digits would be taken for an id.
        guard (1...56).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte), !name.hasPrefix("."),
            !name.hasPrefix("-"),
            !name.allSatisfy(\.isNumber)
        else {
            throw ValidationError(
                "'\(folder)' ends in no name for a program: it has 1 to 56 of letters, digits, '.', '_' and '-', not digits alone, and begins with no '.' and no '-'"
            )
        }
    }

    private var name: String { folder.split(separator: "/").last.map(String.init) ?? "" }

    func make(_ language: Kit.Language) throws {
        let files = Kit.project(language, name: name)
        try NewFolder.write(files, to: folder)
        if json {
            let members: [JSONValue.Member] = [
                .init("folder", .string(folder)), .init("name", .string(name)),
                .init("files", .array(files.map { .string($0.path) })),
            ]
            return try StandardStreams.print(JSONValue.envelope("new.\(language.rawValue)", members).text + "\n")
        }
        StandardStreams.say("\(printable(folder)) is there; compile it: cd \(quotedForShell(folder)) && ./build")
    }
}

struct NewCVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "c", abstract: "In C, with clang of the Swift toolchain and Debian's wasi-libc.")

    static let examples = [
        Example("keyvm new c counter", "a server and its client in ./counter; ./build compiles them")
    ]

    @OptionGroup var options: NewOptions

    var wantsJSON: Bool { options.json }

    func run() throws { try options.make(.c) }
}

struct NewSwiftVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "swift", abstract: "In Embedded Swift, with the Swift toolchain.")

    static let examples = [
        Example("keyvm new swift counter", "a server and its client in ./counter; ./build compiles them")
    ]

    @OptionGroup var options: NewOptions

    var wantsJSON: Bool { options.json }

    func run() throws { try options.make(.swift) }
}

/// A folder that is made with all its files, or not at all.
private enum NewFolder {
    static func write(_ files: [Kit.File], to folder: String) throws(WorldError) {
        guard mkdir(folder, 0o777) == 0 else {
            if errno == EEXIST {
                throw WorldError(
                    .failed, what: "\(folder) is there already", why: "a project begins in a folder of its own",
                    try: "ls -ld \(quotedForShell(folder))")
            }
            throw .system("the folder cannot be made", path: folder, errno: errno)
        }
        var made: [String] = []
        do throws(WorldError) {
            for file in files {
                let path = folder + "/" + file.path
                for end in path.indices.dropFirst(folder.count + 1) where path[end] == "/" {
                    let parent = String(path[..<end])
                    if made.contains(parent) { continue }
                    guard mkdir(parent, 0o777) == 0 else {
                        throw WorldError.system("the folder cannot be made", path: parent, errno: errno)
                    }
                    made.append(parent)
                }
                try OutputFile.write(file.bytes, to: path, mode: file.isExecutable ? 0o777 : 0o666)
                made.append(path)
            }
        } catch {
            for path in made.reversed() where unlink(path) != 0 { rmdir(path) }
            rmdir(folder)
            throw error
        }
    }
}
