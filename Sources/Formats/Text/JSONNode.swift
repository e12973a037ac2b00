/// A value of a JSON document as it is written: members in their order, and keys that are told apart by their bytes, as Python tells them
/// apart, and not by what they mean in Unicode.
enum JSONNode {
    struct Member {
        let key: String
        let value: JSONNode
    }

    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONNode])
    case object([Member])

    subscript(key: String) -> JSONNode? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }
}
