package import Domain

/// JSON Schema of what a model takes and gives (https://json-schema.org/draft/2020-12).
package enum SignatureSchema {
    /// One row: an object by feature name.
    package static func row(_ signature: Signature) -> JSONValue {
        guard let features = signature.features else { return .object([:]) }
        let properties = features.map { feature -> (String, JSONValue) in
            let type: JSONValue = .string(feature.kind == .number ? "number" : "string")
            var schema: [String: JSONValue] = ["type": feature.nullable ? .array([type, "null"]) : type]
            if !feature.examples.isEmpty { schema["examples"] = .array(feature.examples) }
            return (feature.name, .object(schema))
        }
        return .object([
            "type": "object", "properties": .object(Dictionary(properties, uniquingKeysWith: { first, _ in first })),
            "required": .strings(features.map(\.name)), "additionalProperties": false,
        ])
    }

    /// One prediction.
    package static func prediction(_ signature: Signature) -> JSONValue {
        switch signature.task {
        case .classification where signature.givesProbabilities:
            .object([
                "type": "array", "items": .object(["type": "number", "minimum": 0, "maximum": 1]), "minItems": .int(signature.classes.count),
                "maxItems": .int(signature.classes.count), "description": "A probability for each class, in the order of 'classes'.",
            ])
        case .classification: .object(["description": "The label of the predicted class."])
        case .regression: .object(["type": .array(["number", "null", "array"]), "description": "The predicted value, or one for each target."])
        case .clustering, .transformation, .custom: .object(["description": "What the model answers."])
        }
    }
}
