extension String {
    /// Whether this is text of one line: 1 to `length` characters, none of them a control character or a line break of Unicode.
    package func isLine(upTo length: Int) -> Bool {
        (1...length).contains(count) && utf8.count <= length * 4
            && !unicodeScalars.contains { [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory) }
    }
}
