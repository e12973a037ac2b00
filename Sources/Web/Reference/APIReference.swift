package import Domain

/// The description of the whole API, OpenAPI 3.1. A test compares it with the routes: neither can be forgotten.
package enum APIReference {
    /// `GET /api/v1/openapi.json`
    package static var document: JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for operation in operations {
            paths[operation.path, default: [:]][operation.method.lowercased()] = operation.document
        }
        return .object([
            "openapi": "3.1.0",
            "info": .object([
                "title": "Martlet", "version": "1.0.0",
                "description": "Hosts machine-learning models: upload, scan, validate, version, predict. POST and PATCH take an Idempotency-Key.",
            ]),
            "security": [.object(["bearer": []]), .object(["apiKey": []]), .object(["cookie": []])],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": .object([
                "securitySchemes": .object([
                    "bearer": .object(["type": "http", "scheme": "bearer", "description": "An access token or an API key."]),
                    "apiKey": .object(["type": "apiKey", "in": "header", "name": "X-API-Key"]),
                    "cookie": .object([
                        "type": "apiKey", "in": "cookie", "name": "martlet_access",
                        "description": "A browser's session, in place of the others; changes need the header X-CSRF-Token as well.",
                    ]),
                ]),
                "schemas": .object(schemas),
                "responses": .object([
                    "Error": .object([
                        "description": "What went wrong.",
                        "content": .object(["application/json": .object(["schema": .object(["$ref": "#/components/schemas/Error"])])]),
                    ])
                ]),
            ]),
        ])
    }

    /// `METHOD /path` of everything described.
    package static var described: Set<String> { Set(operations.map { "\($0.method) \($0.path)" }) }
}
