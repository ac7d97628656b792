// What a project of a user's own begins with: a program to go on from, and the guest kit of its language (specs/kit.md). The files of this
// folder are within `keyvm`, so that it writes them wherever it is.

public enum Kit {
    public enum Language: String, Sendable, CaseIterable { case c, swift }

    public struct File: Sendable, Hashable {
        /// In the project's folder.
        public let path: String
        public let bytes: [UInt8]
        public let isExecutable: Bool
    }

    /// The files of a new project of this name, which is one that a process can have.
    public static func project(_ language: Language, name: String) -> [File] {
        func template(_ path: String, _ bytes: [UInt8], isExecutable: Bool = false) -> File {
            let text = String(decoding: bytes, as: UTF8.self).replacing("@NAME@", with: name)
            return File(path: path, bytes: Array(text.utf8), isExecutable: isExecutable)
        }
        let kit = files(of: language).map { File(path: "kit/\($0.path)", bytes: $0.bytes, isExecutable: false) }
        return switch language {
        case .c:
            [
                template("README.md", PackageResources.README_c_md), template("main.c", PackageResources.main_c),
                template("build", PackageResources.build_c, isExecutable: true),
            ] + kit
        case .swift:
            [
                template("README.md", PackageResources.README_swift_md),
                template("main.swift", PackageResources.main_swift),
                template("build", PackageResources.build_swift, isExecutable: true),
            ] + kit
        }
    }

    /// The kit of a language, by the paths of its files.
    public static func files(of language: Language) -> [(path: String, bytes: [UInt8])] {
        switch language {
        case .c: headers
        case .swift: sources
        }
    }

    private static let headers: [(path: String, bytes: [UInt8])] = [
        ("keyvm.h", PackageResources.keyvm_h),
        ("keyvm-keys.h", PackageResources.keyvm_keys_h),
        ("keyvm/ask.h", PackageResources.ask_h),
        ("keyvm/bank.h", PackageResources.bank_h),
        ("keyvm/checkpoint.h", PackageResources.checkpoint_h),
        ("keyvm/device.h", PackageResources.device_h),
        ("keyvm/discrim.h", PackageResources.discrim_h),
        ("keyvm/forwarder.h", PackageResources.forwarder_h),
        ("keyvm/keeper.h", PackageResources.keeper_h),
        ("keyvm/meter.h", PackageResources.meter_h),
        ("keyvm/node.h", PackageResources.node_h),
        ("keyvm/page.h", PackageResources.page_h),
        ("keyvm/process.h", PackageResources.process_h),
        ("keyvm/sealer.h", PackageResources.sealer_h),
        ("keyvm/serve.h", PackageResources.serve_h),
    ]

    private static let sources: [(path: String, bytes: [UInt8])] = [
        ("Bank.swift", PackageResources.Bank_swift),
        ("Checkpoint.swift", PackageResources.Checkpoint_swift),
        ("Console.swift", PackageResources.Console_swift),
        ("Device.swift", PackageResources.Device_swift),
        ("Discrim.swift", PackageResources.Discrim_swift),
        ("Forwarder.swift", PackageResources.Forwarder_swift),
        ("Imports.swift", PackageResources.Imports_swift),
        ("Keeper.swift", PackageResources.Keeper_swift),
        ("Key.swift", PackageResources.Key_swift),
        ("Memory.swift", PackageResources.Memory_swift),
        ("Message.swift", PackageResources.Message_swift),
        ("Meter.swift", PackageResources.Meter_swift),
        ("Node.swift", PackageResources.Node_swift),
        ("Number.swift", PackageResources.Number_swift),
        ("Page.swift", PackageResources.Page_swift),
        ("Process+Change.swift", PackageResources.Process_Change_swift),
        ("Process.swift", PackageResources.Process_swift),
        ("Program.swift", PackageResources.Program_swift),
        ("Refusal.swift", PackageResources.Refusal_swift),
        ("Register.swift", PackageResources.Register_swift),
        ("Resume.swift", PackageResources.Resume_swift),
        ("Sealer.swift", PackageResources.Sealer_swift),
        ("Serve.swift", PackageResources.Serve_swift),
        ("Start.swift", PackageResources.Start_swift),
        ("runtime.c", PackageResources.runtime_c),
    ]
}
