package import Domain

/// JSON Schema of what a model takes and gives (https://json-schema.org/draft/2020-12).
package enum SignatureSchema {
    /// One row: an object by feature name.
    package static func row(_ signature: Signature) -> JSONValue {
        guard let features = signature.features else { return .object([:]) }
        let properties = features.map { ($0.name, value(of: $0)) }
        return .object([
            "type": "object", "properties": .object(Dictionary(properties, uniquingKeysWith: { first, _ in first })),
            "required": .strings(features.map(\.name)), "additionalProperties": false,
        ])
    }

    private static func value(of feature: Feature) -> JSONValue {
        let type = type(of: feature)
        var schema: [String: JSONValue] = ["type": feature.nullable ? .array([type, "null"]) : type]
        if !feature.examples.isEmpty { schema["examples"] = .array(feature.examples) }
        for extent in feature.isArray ? (feature.shape ?? []).reversed() : [] {
            schema = ["type": "array", "items": .object(schema)]
            if let extent { schema.merge(["minItems": .int(extent), "maxItems": .int(extent)]) { $1 } }
        }
        if let datatype = feature.datatype { schema["description"] = .string("Read as \(datatype).") }
        return .object(schema)
    }

    private static func type(of feature: Feature) -> JSONValue {
        switch feature.kind {
        case .number: feature.datatype == "bool" ? .array(["boolean", "number"]) : "number"
        case .string: "string"
        case .structure: feature.datatype?.hasPrefix("map") ?? false ? "object" : "array"
        }
    }

    /// One prediction.
    package static func prediction(_ signature: Signature) -> JSONValue {
        switch signature.task {
        case .classification where signature.givesProbabilities:
            .object([
                "type": "array", "items": .object(["type": "number", "minimum": 0, "maximum": 1]),
                "description": "A probability for each class, in the order of 'classes'.",
            ])
        case .classification: .object(["description": "The label of the predicted class."])
        case .regression: .object(["type": .array(["number", "null", "array"]), "description": "The predicted value, or one for each target."])
        case .clustering, .transformation, .custom: .object(["description": "What the model answers."])
        }
    }
}
