// The short way of reading a `send`: whatever it takes it takes as the decoder does, and what it does not is the decoder's.

import Control
import FoundationEssentials
import Testing
import World

@Suite struct PlainSendTests {
    private func decoded(_ body: [UInt8]) -> RequestEnvelope? {
        try? JSONDecoder().decode(RequestEnvelope.self, from: Data(body))
    }

    private func areEqual(_ left: RequestEnvelope?, _ right: RequestEnvelope?) -> Bool {
        left?.id == right?.id && left?.wait == right?.wait && left?.request == right?.request
    }

    @Test(arguments: [
        #"{"id":"a-1","request":{"send":{"process":"echo","data":"aGVsbG8K","ends":false}}}"#,
        #"{ "request" : {"send": {"ends":true, "data":"","process":"id:7" } } ,"id": "x.Y_z-9" }"# + "\n",
        "{\"id\":\"1\",\t\"request\":{\"send\":{\"process\":\"Grüße\",\"data\":\"AAECAwQ=\",\r\n\"ends\":false}}}",
    ])
    func aPlainSendIsReadAsTheDecoderReadsIt(text: String) throws {
        let body = Array(text.utf8)
        let plain = try #require(RequestEnvelope(plainSend: body))
        #expect(areEqual(plain, decoded(body)))
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"id":"a"}"#,
        // Escapes, other members, other requests, what follows, what is missing.
        #"{"id":"a","request":{"send":{"process":"e\u0063ho","data":"","ends":false}}}"#,
        #"{"id":"a","wait":{"seconds":1,"endsAtStandstill":true},"request":{"send":{"process":"e","data":"","ends":false}}}"#,
        #"{"id":"a","request":{"kill":{"process":"e"}}}"#,
        #"{"id":"a","request":{"send":{"process":"e","data":"","ends":false}}} x"#,
        #"{"id":"a","request":{"send":{"process":"e","data":"","ends":false},"kill":{"process":"e"}}}"#,
        #"{"id":"a","id":"b","request":{"send":{"process":"e","data":"","ends":false}}}"#,
        #"{"id":"a b","request":{"send":{"process":"e","data":"","ends":false}}}"#,
        #"{"id":"a","request":{"send":{"process":"e","data":"%%","ends":false}}}"#,
        #"{"id":"a","request":{"send":{"process":"e","data":"","ends":0}}}"#,
        #"{"id":"a","request":{"send":{"process":"e","data":""}}}"#,
    ])
    func anythingElseIsTheDecoders(text: String) {
        #expect(RequestEnvelope(plainSend: Array(text.utf8)) == nil)
    }

    @Test func whateverIsTakenOfDamagedTextTheDecoderTakesAlike() {
        let whole = Array(#"{"id":"a-1","request":{"send":{"process":"echo","data":"aGVsbG8K","ends":false}}}"#.utf8)
        var generator = SystemRandomNumberGenerator()
        var taken = 0
        for _ in 0..<20_000 {
            var body = whole
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: body[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: body.remove(at: place)
                default: body.insert(whole.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            guard let plain = RequestEnvelope(plainSend: body) else { continue }
            taken += 1
            #expect(areEqual(plain, decoded(body)), "\(body)")
        }
        #expect(taken > 500)
    }
}
