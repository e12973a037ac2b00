internal import Domain

/// What the parameters of queries must be like; one name means the same wherever it stands.
enum QueryParameters {
    private static let boolean: JSONValue = .object(["type": "boolean"])
    private static let moment: JSONValue = .object(["type": "string", "format": "date-time"])
    private static let schemas: [String: JSONValue] = [
        "is_public": boolean, "is_active": boolean, "async": boolean, "since": moment, "until": moment,
        "model_type": oneOf(ModelType.allCases.map(\.rawValue)),
        "status": oneOf(["pending", "validated", "active", "deprecated", "archived"]),
        "stage": oneOf(Stage.allCases.map(\.rawValue)), "sort": oneOf(ModelQuery.Order.allCases.map(\.rawValue)),
        "page": integer(1...1_000_000), "size": integer(1...100), "limit": integer(1...200), "unread": boolean,
        "min_accuracy": .object(["type": "number"]), "model_id": id("model_"), "days": integer(1...3650),
        "role": pattern("^[a-z][a-z0-9_-]{0,31}$"),
        "owner_id": id("usr_"), "user_id": id("usr_"), "transfer_to": id("usr_"), "version_id": id("version_"),
        "cursor": pattern("^[1-9][0-9]{0,15}([.][a-z0-9_]{1,40})?$"),
    ]

    static func schema(_ name: String) -> JSONValue { schemas[name] ?? text }

    /// Any text but for the character NUL, which no name of anything holds.
    static let text = pattern("^[^\\x00]*$")

    static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        .object(["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)])
    }

    static func oneOf(_ values: [String]) -> JSONValue { .object(["enum": .strings(values)]) }

    /// What stands in a path.
    static func path(_ name: String) -> JSONValue {
        switch name {
        case "alias": pattern("^(?!(latest|champion|production)$)[a-z][a-z0-9_-]{2,40}$")
        case "sha256": pattern("^[0-9a-f]{64}$")
        default: .object(["type": "string"])
        }
    }

    /// An id with its prefix.
    static func id(_ prefix: String) -> JSONValue { pattern("^\(prefix)[0-9a-hjkmnp-tv-z]{16}$") }

    static func pattern(_ pattern: String) -> JSONValue { .object(["type": "string", "pattern": .string(pattern)]) }
}
