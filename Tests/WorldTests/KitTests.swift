// The C kit: what its functions that answer with words say of keys.

import Foundation
import Testing
import World

@Suite struct KitTests {
    @Test func wordsAreAnsweredAsTheKernelSaysThem() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "waits")
        try world.bootUntilIdle()
        try world.run(try Programs.c("kit"), name: "kit")
        for (register, key) in [
            (6, "bank:root"), (7, "discrim"), (8, "number:42"), (9, "process:waits"), (10, "meter:root"),
        ] as [(UInt64, String)] {
            _ = try world.perform(.grantKey(process: "kit", register: register, key: key))
        }
        try world.bootUntilIdle()
        #expect(
            try world.output("kit").split(separator: "\n") == [
                "number 42", "kind 7", "classify 8 15", "compare 1 0", "discreet 1 0", "bank 1 1", "meter 0 0 1 1",
                "stands 1 1", "refused -2 1",
            ])
        #expect(try world.row("kit").exitCode == 0)
        try world.close()
    }
}
