internal import Domain

/// What the parameters of queries must be like; one name means the same wherever it stands.
enum QueryParameters {
    private static let boolean: JSONValue = .object(["type": "boolean"])
    private static let moment: JSONValue = .object(["type": "string", "format": "date-time"])
    private static let schemas: [String: JSONValue] = [
        "is_public": boolean, "is_active": boolean, "async": boolean, "since": moment, "until": moment,
        "model_type": .object(["enum": .strings(ModelType.allCases.map(\.rawValue))]),
        "status": .object(["enum": ["pending", "validated", "active", "deprecated", "archived"]]),
        "stage": .object(["enum": .strings(Stage.allCases.map(\.rawValue))]), "sort": .object(["enum": .strings(ModelQuery.Order.allCases.map(\.rawValue))]),
        "page": .object(["type": "integer", "minimum": 1, "maximum": 1_000_000]), "size": .object(["type": "integer", "minimum": 1, "maximum": 100]),
        "min_accuracy": .object(["type": "number"]), "model_id": id("model_"), "days": .object(["type": "integer", "minimum": 1, "maximum": 3650]),
        "role": pattern("^[a-z][a-z0-9_-]{0,31}$"),
        "owner_id": id("usr_"), "user_id": id("usr_"), "transfer_to": id("usr_"), "version_id": id("version_"),
        "cursor": pattern("^[1-9][0-9]{0,15}([.][a-z0-9_]{1,40})?$"),
    ]

    /// - Parameter description: Of a limit, it says the range; of a type, whether others are taken too.
    static func schema(_ name: String, _ description: String) -> JSONValue {
        let free: JSONValue = .object(["type": "string"])
        if name == "status", description.hasPrefix("success") { return .object(["enum": ["success", "failed"]]) }
        // The registry takes a category under this name too.
        if name == "model_type", description.hasSuffix("a category.") { return free }
        guard name == "limit" else { return schemas[name] ?? free }
        return .object(["type": "integer", "minimum": 1, "maximum": description.hasPrefix("1 to 1000") ? 1000 : 200])
    }

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
