internal import Domain
internal import JSON

extension JSONWriter {
    /// Appends a value of any kind; members by their names in order, NaN and infinity as `null`.
    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): raw(flag ? "true" : "false")
        case .int(let number): self.number(number)
        case .double(let number):
            // As most clients write them: 1, not 1.0.
            if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { self.number(whole) } else { self.number(number) }
        case .string(let text): string(text)
        case .array(let items): array(items) { $0.value($1) }
        case .object(let members): object(members)
        }
    }

    private mutating func object(_ members: [String: JSONValue]) {
        raw("{")
        var isFirst = true
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if !isFirst { raw(",") }
            isFirst = false
            string(name)
            raw(":")
            self.value(value)
        }
        raw("}")
    }
}
