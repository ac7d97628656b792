// Embeds a world that decides itself who may buy and how long turns are: embed FOLDER PROGRAM.wasm…
//
// Guests may fill three quarters of the root's limit, and no more: the rest is for who is named "house". Turns are ten times
// as long for the house.

import Foundation
import World

/// Keeps a quarter of the root for the bank `root/house`.
struct KeepAQuarter: BankPolicy {
    func room(for banks: [BankView]) -> BankRoom {
        guard let root = banks.last, let limit = root.limitPages, !banks.contains(where: { $0.name == "house" }) else {
            return BankRoom()
        }
        let bound = limit / 4 * 3
        return BankRoom(pages: bound > root.usedPages ? bound - root.usedPages : 0)
    }
}

/// Long turns for the house, and short ones for guests.
struct HouseFirst: QuantumPolicy {
    func turn(of process: ReadyProcess) -> Turn? {
        Turn(
            gas: process.name.hasPrefix("house") ? process.quantumGas * 10 : process.quantumGas, atATime: process.weight
        )
    }
}

let arguments = CommandLine.arguments.dropFirst()
guard let folder = arguments.first, arguments.count > 1 else {
    print("usage: embed FOLDER PROGRAM.wasm…")
    exit(64)
}
do {
    if World.condition(at: folder) == .absent { try World.create(at: folder, limitBytes: 16 << 20, seed: 1) }
    let world = try World.open(
        at: folder, as: .host, policies: World.Policies(bank: KeepAQuarter(), quantum: HouseFirst()))
    for path in ["root/house", "root/guests"] {
        _ = Result { try world.perform(.createBank(path: path, BankTermsRequest())) }
    }
    for program in arguments.dropFirst() {
        let name = URL(fileURLWithPath: program).deletingPathExtension().lastPathComponent
        let module = try Data(contentsOf: URL(fileURLWithPath: program))
        let bank = name.hasPrefix("house") ? "root/house" : "root/guests"
        _ = try world.perform(.run(RunRequest(module: module, defaultName: name, arguments: [name], bank: bank)))
    }
    try world.boot(World.Boot(until: .steps(50_000_000)))
    if case .processes(let processes) = try world.perform(.processes()) {
        for each in processes.items { print(each.name, each.state.rawValue, each.gasUsed, "gas,", each.pages, "pages") }
    }
    try world.close()
} catch let error as WorldError {
    print("\(error.what)\n\(error.why)\ntry: \(error.remedy)")
    exit(Int32(error.code.rawValue))
}
