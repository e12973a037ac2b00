internal import Domain
internal import Wire

/// The OpenAPI 3.1 document of one model's API: its own columns, and a real example from its validation.
enum ModelDocument {
    static func openAPI(_ model: Model, _ version: ModelVersion, endpoint: String, validation: Validation?) -> JSONValue {
        let row = ModelBodies.inputSchema(version) ?? .object([:])
        let prediction = ModelBodies.outputSchema(version) ?? .object([:])
        let facts = validation?.report?.checks[.functionality]?.facts ?? [:]
        let example = named(facts["sample_input"], version.signature)
        let path = "/api/v1/ml-models/\(model.id)\(endpoint)"
        return .object([
            "openapi": "3.1.0",
            "info": .object([
                "title": .string(model.name), "version": .string(version.version.description),
                "description": .string(model.description.isEmpty ? "Predictions of the model '\(model.name)'." : model.description),
            ]),
            "servers": [.object(["url": "/"])],
            "security": [.object(["bearer": []]), .object(["apiKey": []])],
            "paths": .object([
                path: .object(["post": operation("Predict one row", "predictOne", "PredictOne", "Prediction", example.map { .object(["data": $0]) })]),
                "\(path)/batch": .object([
                    "post": operation("Predict many rows", "predictMany", "PredictMany", "Predictions", example.map { .object(["data": [$0]]) })
                ]),
            ]),
            "components": .object([
                "securitySchemes": .object([
                    "bearer": .object(["type": "http", "scheme": "bearer"]),
                    "apiKey": .object(["type": "apiKey", "in": "header", "name": "X-API-Key"]),
                ]),
                "schemas": .object(schemas(row, prediction, version.signature)),
            ]),
            "x-martlet": .object([
                "model_id": .string(model.id.rawValue), "version_id": .string(version.id.rawValue), "model_type": .string(model.type.rawValue),
                "task": version.signature.map { .string($0.task.rawValue) } ?? .null, "sample_output": facts["sample_output"] ?? .null,
                "features": .array((version.signature?.features ?? []).map { .string($0.name) }), "validation_status": .string(version.validationStatus.rawValue),
            ]),
        ])
    }

    private static func schemas(_ row: JSONValue, _ prediction: JSONValue, _ signature: Signature?) -> [String: JSONValue] {
        let classes = signature?.classes ?? []
        var common: [String: JSONValue] = [
            "success": .object(["type": "boolean"]), "model_id": .object(["type": "string"]), "version": .object(["type": "string"]),
            "runtime": .object(["type": "string"]), "warnings": .object(["type": "array", "items": .object(["type": "string"])]),
        ]
        if !classes.isEmpty { common["classes"] = .object(["const": .array(classes)]) }
        let label: JSONValue = classes.isEmpty ? .object([:]) : .object(["enum": .array(classes)])
        let rowOrArray = JSONValue.object(["anyOf": [row, .object(["type": "array", "description": "Values in the order of the features."])]])
        return [
            "Row": rowOrArray,
            "PredictOne": .object(["type": "object", "required": ["data"], "properties": .object(["data": reference("Row")])]),
            "PredictMany": .object([
                "type": "object", "required": ["data"],
                "properties": .object(["data": .object(["type": "array", "minItems": 1, "items": reference("Row")])]),
            ]),
            "Prediction": answer(
                common, ["prediction": prediction, "label": label, "confidence": .object(["type": "number"]), "inference_time_ms": .object(["type": "number"])]),
            "Predictions": answer(
                common,
                [
                    "predictions": .object(["type": "array", "items": prediction]), "labels": .object(["type": "array", "items": label]),
                    "total_inference_time_ms": .object(["type": "number"]),
                ]),
            "Error": .object(["type": "object", "required": ["error"], "properties": .object(["error": .object(["type": "object"])])]),
        ]
    }

    private static func answer(_ common: [String: JSONValue], _ own: [String: JSONValue]) -> JSONValue {
        .object(["type": "object", "properties": .object(own.merging(common) { first, _ in first })])
    }

    private static func operation(_ summary: String, _ id: String, _ body: String, _ answer: String, _ example: JSONValue?) -> JSONValue {
        var content: [String: JSONValue] = ["schema": reference(body)]
        if let example { content["example"] = example }
        let errors = ["400", "401", "404", "413", "429", "500", "503", "504"].map { code in
            (code, JSONValue.object(["description": "See the error's code.", "content": .object(["application/json": .object(["schema": reference("Error")])])]))
        }
        var responses = Dictionary(errors, uniquingKeysWith: { first, _ in first })
        responses["200"] = .object(["description": .string(summary), "content": .object(["application/json": .object(["schema": reference(answer)])])])
        return .object([
            "summary": .string(summary), "operationId": .string(id),
            "requestBody": .object(["required": true, "content": .object(["application/json": .object(content)])]), "responses": .object(responses),
        ])
    }

    private static func reference(_ name: String) -> JSONValue { .object(["$ref": .string("#/components/schemas/\(name)")]) }

    /// A sample row by feature name, also when the validation used an array.
    private static func named(_ sample: JSONValue?, _ signature: Signature?) -> JSONValue? {
        guard case .array(let values)? = sample, let features = signature?.features, features.count == values.count else { return sample }
        return .object(Dictionary(zip(features.map(\.name), values), uniquingKeysWith: { first, _ in first }))
    }
}
