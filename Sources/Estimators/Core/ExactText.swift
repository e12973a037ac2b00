/// A text that equals another only when both have the same code points, as in Python; a `String` compares canonically.
struct ExactText: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    init(utf8 bytes: [UInt8]) {
        self.bytes = bytes
    }
}
