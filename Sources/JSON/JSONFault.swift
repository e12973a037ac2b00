/// Where a text stops being JSON (RFC 8259), and why.
package struct JSONFault: Error, Equatable {
    /// Bytes from the start of the text.
    package let offset: Int
    package let reason: String
}
