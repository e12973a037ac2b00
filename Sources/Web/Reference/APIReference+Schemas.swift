internal import Domain

extension APIReference {
    static let schemas = hostingSchemas.merging(registrySchemas) { first, _ in first }

    private static let hostingSchemas: [String: JSONValue] = [
        "Success": object(["success": boolean, "message": text], required: ["success"]),
        "Item": object(["success": boolean, "data": .object(["type": "object"])], required: ["success", "data"]),
        "List": object(
            ["success": boolean, "data": array(.object(["type": "object"])), "total": integer, "next_cursor": nullable("string")],
            required: ["success", "data", "total"]
        ),
        "Page": object(["success": boolean, "data": array(.object(["type": "object"])), "next_cursor": nullable("string")], required: ["success", "data"]),
        "Error": object(["error": errorBody], required: ["error"]),
        "Registration": object(
            ["email": email, "username": username, "password": password, "invitation": nullable("string")], required: ["email", "username", "password"]),
        "Login": object(["email": text, "password": text], required: ["email", "password"]),
        "Refresh": object(["refresh_token": text], required: ["refresh_token"]),
        "TokenPair": object(
            ["access_token": text, "refresh_token": text, "token_type": text, "expires_in": integer],
            required: ["access_token", "refresh_token", "token_type", "expires_in"]
        ),
        "BrowserSession": object(["user": .object(["$ref": "#/components/schemas/User"]), "csrf_token": text], required: ["user", "csrf_token"]),
        "User": object(
            [
                "id": text, "email": text, "username": text, "role": text, "subscription": .object(["enum": ["free", "premium"]]), "is_active": boolean,
                "rate_limits": object([
                    "requests_per_minute": nullable("integer"), "models_limit": nullable("integer"), "uploads_per_hour": nullable("integer"),
                ]),
                "storage_quota": nullable("integer"), "created_at": moment,
            ], required: ["id", "email", "username", "role"]),
        "ProfileChange": change(["email": email, "username": username, "password": text]),
        "PasswordChange": object(["old_password": text, "new_password": password], required: ["old_password", "new_password"]),
        "Limits": object(
            [
                "success": boolean, "requests": array(.object(["type": "object"])), "budgets": array(.object(["type": "object"])),
                "uploads": .object(["type": .array(["object", "null"])]),
                "models": .object(["type": "object"]), "storage": .object(["type": "object"]),
            ], required: ["success", "requests", "uploads", "budgets", "models", "storage"]),
        "NewUser": object(["email": email, "username": username, "password": password, "role": roleName], required: ["email", "username", "password"]),
        "UserChange": change([
            "email": email, "username": username, "role": roleName, "subscription": .object(["enum": ["free", "premium"]]), "is_active": boolean,
            "limits": object([
                "requests_per_minute": count, "models_limit": count, "storage_quota": count, "uploads_per_hour": count,
            ]),
        ]),
        "NewPassword": object(["password": password], required: ["password"]),
        "Role": object(
            ["name": text, "description": text, "permissions": array(permission), "is_given": boolean],
            required: ["name", "description", "permissions", "is_given"]),
        "NewRole": object(
            ["name": roleName, "description": nullable(remark), "permissions": array(permission)],
            required: ["name", "permissions"]),
        "RoleChange": change(["description": remark, "permissions": array(permission)]),
        "Group": object(
            ["id": text, "name": text, "description": text, "created_at": moment, "members": array(.object(["type": "object"]))],
            required: ["id", "name", "members"]),
        "NewGroup": object(["name": name(100), "description": nullable(remark)], required: ["name"]),
        "GroupChange": change(["name": name(100), "description": remark]),
        "NewInvitation": object([
            "email": nullable(email), "role": nullable(roleName),
            "expires_in_days": .object(["type": .array(["integer", "null"]), "minimum": 1, "maximum": 90]),
        ]),
        "Invitation": object(
            [
                "id": text, "token": text, "email": nullable("string"), "role": text, "invited_by": text, "created_at": moment, "expires_at": moment,
                "used_by": nullable("string"),
            ], required: ["id", "role", "expires_at"]),
        "NewPermission": object(
            [
                "user_id": nullable(QueryParameters.id("usr_")), "group_id": nullable(QueryParameters.id("grp_")),
                "permission": .object(["enum": ["read", "execute", "admin"]]), "expires_at": nullable(moment),
            ], required: ["permission"]),
        "Permission": object(
            [
                "id": text, "model_id": text, "user_id": nullable("string"), "group_id": nullable("string"), "permission": text, "granted_by": text,
                "granted_at": moment, "expires_at": nullable("string"),
            ], required: ["id", "model_id", "permission"]),
        "NewAPIKey": object(
            [
                "name": name(100), "expires_in_days": .object(["type": .array(["integer", "null"]), "minimum": 1, "maximum": 365]), "scope": scope,
            ], required: ["name"]),
        "APIKeyChange": object(["name": name(100)], required: ["name"]),
        "APIKey": object(
            [
                "id": text, "key": text, "name": text, "hint": text, "is_active": boolean, "scope": scope, "expires_at": nullable("string"), "created_at": moment,
                "last_used_at": nullable("string"),
            ], required: ["id", "name"]
        ),
        "Upload": upload(required: ["file", "name", "model_type"]),
        "VersionUpload": upload(required: ["file"]),
        "Uploaded": object(
            [
                "success": boolean, "model_id": text, "version_id": text, "version": text, "status": text, "message": text, "validation_id": text,
                "task_id": text, "checksum": text, "file_size": integer,
            ], required: ["success", "model_id", "version_id", "status", "message"]
        ),
        "ModelChange": change([
            "name": name(255), "description": .object(["type": "string", "maxLength": 10_000]), "category": .object(["type": "string", "maxLength": 100]),
            "tags": .object(["type": "array", "items": name(50), "maxItems": 50]), "is_public": boolean, "allow_anonymous": boolean,
            "allowed_addresses": array(address), "status": .object(["enum": ["active", "deprecated", "archived"]]), "needs_approval": boolean, "history": history,
        ]),
        "APISettings": object([
            "endpoint_path": .object(["type": "string", "pattern": "^/[a-z0-9_-]{1,64}$"]),
            "rate_limit_per_minute": .object(["type": .array(["integer", "null"]), "minimum": 1]),
            "async": boolean,
        ]),
        "GeneratedAPI": object(
            [
                "success": boolean, "api_id": text, "endpoint": text, "status": text, "documentation_url": text, "async": boolean,
                "rate_limit_per_minute": nullable("integer"),
            ],
            required: ["success", "api_id", "endpoint", "status", "documentation_url"]
        ),
        "ValidationStarted": object(["success": boolean, "validation_id": text, "task_id": text, "status": text, "message": text], required: ["validation_id"]),
        "PredictOne": object(["data": .object(["description": "A row: an object by feature name, or an array in the model's order."])], required: ["data"]),
        "PredictMany": object(["data": array(.object(["description": "A row."]))], required: ["data"]),
        "Prediction": prediction(["prediction": .object([:]), "label": .object([:]), "confidence": number, "inference_time_ms": number]),
        "Predictions": prediction(["predictions": array(.object([:])), "labels": array(.object([:])), "confidences": array(number), "total_inference_time_ms": number]),
        "QueuedPrediction": object(
            ["success": boolean, "job_id": text, "status": text, "status_url": text, "message": text], required: ["success", "job_id", "status_url"]
        ),
        "Scan": object(
            [
                "verdict": .object(["enum": ["passed", "warning", "failed"]]), "format": text, "facts": .object(["type": "object"]),
                "findings": array(
                    object(
                        [
                            "severity": .object(["enum": .strings(Finding.Severity.allCases.map(\.rawValue))]), "rule": text, "member": text,
                            "offset": integer, "found": text, "reason": text, "advice": text,
                        ], required: ["severity", "rule", "found", "reason", "advice"])),
                "imports": array(
                    object(
                        ["name": text, "verdict": .object(["enum": ["allowed", "refused", "unknown"]]), "allowed_as": text, "member": text, "offset": integer],
                        required: ["name", "verdict", "offset"])),
            ], required: ["verdict", "format", "findings", "imports", "facts"]
        ),
        "OpenAPI": object(["openapi": text, "info": .object(["type": "object"]), "paths": .object(["type": "object"])], required: ["openapi", "info", "paths"]),
        "Health": object(["status": text], required: ["status"]),
    ]

    static let text: JSONValue = .object(["type": "string"])
    static let boolean: JSONValue = .object(["type": "boolean"])
    static let integer: JSONValue = .object(["type": "integer"])
    private static let number: JSONValue = .object(["type": "number"])
    static let moment: JSONValue = .object(["type": "string", "format": "date-time"])
    private static let password: JSONValue = .object(["type": "string", "minLength": 10, "maxLength": 256])
    static let file: JSONValue = .object(["type": "string", "contentMediaType": "application/octet-stream"])

    private static let email: JSONValue = .object(["type": "string", "format": "email", "maxLength": 254])
    private static let username = name(64)
    private static let roleName = QueryParameters.pattern("^[a-z][a-z0-9_-]{0,31}$")
    private static let remark: JSONValue = .object(["type": "string", "maxLength": 500])
    private static let count: JSONValue = .object(["type": .array(["integer", "null"]), "minimum": 0, "maximum": 1_000_000_000_000])
    /// All eight groups of an IPv6 address, or those on both sides of `::`, by how many stand before it.
    private static let version6 =
        ["(\(group):){7}\(group)", ":((:\(group)){1,7}|:)", "(\(group):){1,7}:"] + (1...6).map { "(\(group):){\($0)}(:\(group)){1,\(7 - $0)}" }
    private static let group = "[0-9a-fA-F]{1,4}"
    private static let address: JSONValue = .object([
        "description": "10.0.0.0/8, 2001:db8::/32, or one address.",
        "anyOf": .array([
            .object(["type": "string", "format": "ipv4"]), .object(["type": "string", "format": "ipv6"]),
            QueryParameters.pattern("^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/([0-9]|[12][0-9]|3[0-2])$"),
            QueryParameters.pattern("^(\(version6.joined(separator: "|")))/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$"),
        ]),
    ])
    private static let permission: JSONValue = .object(["enum": .strings(Permissions.all.names)])
    private static let scope: JSONValue = .object([
        "type": .array(["object", "null"]), "description": "What the key is cut down to; what is left out is decided by its user.",
        "properties": .object([
            "permissions": nullable(some(permission)), "models": nullable(some(QueryParameters.id("model_"))),
            "versions": nullable(some(QueryParameters.id("version_"))),
            "aliases": nullable(some(.object(["type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"]))),
            "allowed_addresses": nullable(some(address)),
            "requests_per_minute": .object(["type": .array(["integer", "null"]), "minimum": 1, "maximum": 1_000_000]),
            "concurrent_predictions": .object(["type": .array(["integer", "null"]), "minimum": 1, "maximum": 100_000]),
            "budgets": .object(["type": .array(["array", "null"]), "maxItems": 16, "items": budget]),
        ]),
    ])
    private static let budget = object(
        [
            "unit": .object(["enum": .strings(KeyBudget.Unit.allCases.map(\.rawValue))]),
            "period": .object(["enum": .strings(KeyBudget.Period.allCases.map(\.rawValue))]),
            "soft": .object(["type": .array(["integer", "null"]), "minimum": 1, "description": "From here on answers carry X-Budget-Warning."]),
            "hard": .object(["type": .array(["integer", "null"]), "minimum": 1, "description": "Beyond it: 429 BUDGET_EXCEEDED."]),
        ], required: ["unit", "period"])

    private static let errorBody = object(
        ["code": text, "message": text, "details": .object([:]), "timestamp": moment, "request_id": text],
        required: ["code", "message", "details", "timestamp", "request_id"]
    )

    private static func upload(required: [String]) -> JSONValue {
        object(uploadFields, required: required)
    }

    private static let uploadFields: [String: JSONValue] =
        [
            "file": file, "name": text, "description": text, "model_type": .object(["enum": .strings(ModelType.allCases.map(\.rawValue))]), "framework": text,
            "category": text, "tags": .object(["type": "string", "description": "A JSON array of texts, or a comma list."]), "is_public": boolean,
            "version": .object(["type": "string", "pattern": "^\\d+\\.\\d+\\.\\d+$"]), "python_version": text,
            "runtime": .object([
                "enum": .strings(RuntimeChoice.allCases.map(\.rawValue)), "default": "auto",
                "description": "What serves the version; auto takes the evaluator in Swift when it agrees with the model's own library.",
            ]),
            "requirements": .object(["type": "string", "description": "A requirements file, as text or as a file."]), "input_schema": text, "output_schema": text,
            "notes": text, "custom_api": file, "config_file": file, "sample_input": file,
        ]

    private static func prediction(_ members: [String: JSONValue]) -> JSONValue {
        let common: [String: JSONValue] = [
            "success": boolean, "classes": array(.object([:])), "model_id": text, "version": text, "runtime": text, "warnings": array(text),
        ]
        return object(members.merging(common) { own, _ in own }, required: ["success", "model_id", "version", "runtime"])
    }

    /// Members of which each may be left out or null: it stays as it is.
    static func change(_ members: [String: JSONValue]) -> JSONValue { object(members.mapValues(nullable)) }

    static func nullable(_ type: String) -> JSONValue { .object(["type": .array([.string(type), "null"])]) }
    static func nullable(_ schema: JSONValue) -> JSONValue { .object(["anyOf": [schema, .object(["type": "null"])]]) }
    /// Text of one line.
    static func name(_ length: Int) -> JSONValue {
        .object(["type": "string", "minLength": 1, "maxLength": .int(length), "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$"])
    }

    /// At least one of them.
    private static func some(_ items: JSONValue) -> JSONValue {
        .object(["type": "array", "items": items, "minItems": 1, "maxItems": 1000])
    }

    static func array(_ items: JSONValue) -> JSONValue { .object(["type": "array", "items": items]) }

    static func object(_ properties: [String: JSONValue], required: [String] = []) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { schema["required"] = .strings(required) }
        return .object(schema)
    }
}
