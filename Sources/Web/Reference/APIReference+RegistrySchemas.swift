internal import Domain

extension APIReference {
    /// Bodies of the registry.
    static let registrySchemas: [String: JSONValue] = [
        "NewModel": object(
            said.merging([
                "name": name(255), "description": .object(["type": .array(["string", "null"]), "maxLength": 10_000]),
                "model_type": .object(["enum": .array(ModelType.allCases.map { .string($0.rawValue) } + [.null])]), "framework": nullable(name(50)),
                "tags": nullable(.object(["type": "array", "items": name(50), "maxItems": 50])), "is_public": nullable("boolean"), "version": nullable(versionNumber),
                "parent_model_id": nullable(QueryParameters.id("model_")),
            ]) { own, _ in own }, required: ["name"]),
        "NewVersion": object(
            said.merging(["version": nullable(versionNumber), "breaking_changes": nullable("boolean"), "parent_version_id": nullable(QueryParameters.id("version_"))]) {
                own, _ in own
            }),
        "RegistryChange": object(
            said.merging([
                "name": nullable(name(255)), "description": .object(["type": .array(["string", "null"]), "maxLength": 10_000]),
                "category": .object(["type": .array(["string", "null"]), "maxLength": 100]),
                "tags": nullable(.object(["type": "array", "items": name(50), "maxItems": 50])), "is_public": nullable("boolean"), "allow_anonymous": nullable("boolean"),
                "status": .object(["enum": ["active", "deprecated", "archived", .null]]), "needs_approval": nullable("boolean"), "history": history,
            ]) { own, _ in own }),
        "Registered": object(
            ["success": boolean, "message": text, "model_id": text, "version_id": text, "version": text, "download_url": text, "upload_url": text],
            required: ["success", "message", "model_id", "version_id", "version"]),
        "RegistryModel": object(
            [
                "id": text, "name": text, "algorithm": nullable("string"), "hyperparameters": anything, "metrics": anything, "dataset_info": anything, "version": text,
                "created_at": moment, "updated_at": moment, "model_size": nullable("string"), "tags": array(text), "status": text, "stage": text,
                "download_count": integer,
                "file_metadata": .object(["type": .array(["object", "null"])]),
            ], required: ["id", "name", "version", "created_at", "status", "download_count"]),
        "ModelPage": object(
            [
                "models": array(.object(["type": "object", "required": ["id", "name", "version", "metrics", "created_at", "status", "download_count"]])),
                "pagination": object(["page": integer, "limit": integer, "total": integer, "pages": integer], required: ["page", "limit", "total", "pages"]),
            ], required: ["models", "pagination"]),
        "Statistics": object(["total_models": integer, "recent_activity": anything], required: ["total_models", "recent_activity"]),
        "FileInfo": object(["model_id": text, "version": text, "file_metadata": anything, "model_size": text], required: ["model_id", "version", "file_metadata"]),
        "RegistryUpload": object(registryForm, required: ["model_file", "name"]),
        "RegistryFile": object(registryForm, required: ["model_file"]),
        "ModelBundle": object(
            ["bundle": .object(["type": "string", "contentMediaType": "application/octet-stream"]), "name": name(255), "is_public": boolean], required: ["bundle"]),
        "SigningKey": object(["algorithm": text, "key_id": text, "public_key": text], required: ["algorithm", "key_id", "public_key"]),
        "ModelArchive": object(["archive": .object(["type": "string", "contentMediaType": "application/octet-stream"])], required: ["archive"]),
        "RegistryUploaded": object(["success": boolean, "message": text, "data": anything], required: ["success", "message", "data"]),
        "StageMove": object(
            [
                "stage": .object(["enum": .strings(Stage.allCases.map(\.rawValue))]), "comment": .object(["type": .array(["string", "null"]), "maxLength": 1000]),
            ], required: ["stage"]),
        "NewRating": object(
            [
                "rating": .object(["type": "integer", "minimum": 1, "maximum": 5]),
                "review": .object(["type": .array(["string", "null"]), "maxLength": 5000]),
            ], required: ["rating"]),
        "Fork": object(["name": nullable(name(255))]),
        "NewCard": object(["markdown": .object(["type": "string", "maxLength": 16_000, "pattern": "^[^\\u0000]*$"])], required: ["markdown"]),
        "NewReport": object(
            [
                "reason": QueryParameters.oneOf(ModelReport.Reason.allCases.map(\.rawValue)),
                "description": .object(["type": .array(["string", "null"]), "maxLength": 5000]),
            ], required: ["reason"]),
        "ReportDecision": object(["uphold": boolean, "note": .object(["type": .array(["string", "null"]), "maxLength": 5000])], required: ["uphold"]),
        "NewWebhook": object(
            [
                "url": .object(["type": "string", "maxLength": 2000]), "events": webhookEvents,
                "description": .object(["type": .array(["string", "null"]), "maxLength": 500]),
            ],
            required: ["url"]),
        "WebhookChange": object([
            "url": .object(["type": .array(["string", "null"]), "maxLength": 2000]), "events": webhookEvents,
            "description": .object(["type": .array(["string", "null"]), "maxLength": 500]), "is_active": nullable("boolean"),
        ]),
        "Webhook": object(
            ["id": text, "url": text, "events": array(text), "description": text, "is_active": boolean, "secret": text, "created_at": text, "updated_at": text],
            required: ["id", "url", "events", "is_active", "created_at"]),
        "Delivery": object(
            ["id": text, "webhook_id": text, "type": text, "payload": text, "state": text, "attempts": integer],
            required: ["id", "webhook_id", "type", "payload", "state", "attempts"]),
        "NewUpload": object(
            [
                "file_name": name(255), "size": .object(["type": "integer", "minimum": 1, "description": "Bytes of the whole file."]),
                "sha256": nullable(QueryParameters.pattern("^[0-9a-f]{64}$")),
                "part_size": .object(["type": .array(["integer", "null"]), "minimum": 65_536, "maximum": 134_217_728]),
            ], required: ["file_name", "size"]),
        "UploadProgress": object(
            [
                "upload_id": text, "file_name": text, "size": integer, "part_size": integer, "parts": integer, "missing": array(integer), "is_complete": boolean,
                "expires_at": moment,
            ], required: ["upload_id", "part_size", "parts", "missing"]),
        "UploadFields": object(
            ["name": text, "model_id": text, "version": text, "model_type": text, "framework": text, "description": text, "tags": array(text)]),
        "Cleanup": object([
            "dry_run": .object(["type": .array(["boolean", "null"]), "description": "true when left out: nothing is changed."]),
            "archived_days": .object(["type": .array(["integer", "null"]), "minimum": 0, "maximum": 36_500]),
            "keep_versions": .object(["type": .array(["integer", "null"]), "minimum": 1, "maximum": 36_500]),
            "unused_days": .object(["type": .array(["integer", "null"]), "minimum": 0, "maximum": 36_500]),
        ]),
        "Analytics": object(
            ["model_id": text, "total_predictions": integer, "daily_usage": array(anything), "recent_errors": array(anything)],
            required: ["model_id", "total_predictions", "success_rate", "daily_usage", "recent_errors"]),
        "Batch": object(
            [
                "operation": .object(["enum": ["tag", "archive", "delete", "stage", "visibility"]]),
                "ids": .object(["type": "array", "items": QueryParameters.id("model_"), "minItems": 1, "maxItems": 1000, "uniqueItems": true]),
                "add_tags": nullable(array(name(50))), "remove_tags": nullable(array(name(50))),
                "stage": .object(["enum": .array(Stage.allCases.map { .string($0.rawValue) } + [.null])]), "is_public": nullable("boolean"),
                "atomic": .object(["type": .array(["boolean", "null"]), "description": "true: all or none."]),
            ], required: ["operation", "ids"]),
        "BatchResult": object(
            ["success": boolean, "succeeded": integer, "failed": integer, "results": array(anything)], required: ["success", "succeeded", "failed", "results"]),
        "AliasTarget": object(["version": .object(["type": "string", "maxLength": 100, "description": "Id, number or alias."])], required: ["version"]),
    ]

    private static let webhookEvents: JSONValue = .object([
        "type": .array(["array", "null"]), "items": QueryParameters.oneOf(PlatformEvent.Kind.allCases.filter { $0 != .test }.map(\.rawValue)),
    ])

    static let history: JSONValue = .object([
        "anyOf": [
            object(["keep": .object(["enum": ["none", "all"]]), "sample_rate": nullable("number"), "retention_days": retentionDays], required: ["keep"]),
            object(
                [
                    "keep": .object(["enum": ["sampled"]]), "retention_days": retentionDays,
                    "sample_rate": .object(["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "description": "Share of the calls."]),
                ], required: ["keep", "sample_rate"]),
            .object(["type": "null"]),
        ]
    ])
    private static let retentionDays: JSONValue = .object(["type": .array(["integer", "null"]), "minimum": 1, "maximum": 3650])
    private static let anything: JSONValue = .object(["type": "object"])
    private static let versionNumber = QueryParameters.pattern("^v?(0|[1-9][0-9]{0,4})[.](0|[1-9][0-9]{0,4})([.](0|[1-9][0-9]{0,4}))?$")
    private static let members: JSONValue = .object(["type": .array(["object", "null"])])
    private static let said: [String: JSONValue] = [
        "algorithm": nullable(name(100)), "hyperparameters": members,
        "metrics": .object(["type": .array(["object", "null"]), "additionalProperties": .object(["type": "number"])]), "dataset_info": members,
        "training_config": members,
    ]
    private static let registryForm: [String: JSONValue] = [
        "model_file": file, "config_file": file, "requirements_file": file, "name": text, "version": text,
        "model_type": .object(["type": "string", "description": "A framework, or the task: detection, classification and so on."]), "framework": text,
        "description": text,
        "classes": jsonText("array"), "input_shape": jsonText("array"), "config": jsonText("object"), "training_config": jsonText("object"), "tags": jsonText("array"),
        "metrics": jsonText("object"), "hyperparameters": jsonText("object"), "dataset_info": jsonText("object"), "algorithm": text, "benchmark_dataset": text,
    ]

    private static func jsonText(_ kind: String) -> JSONValue { .object(["type": "string", "description": .string("A JSON \(kind).")]) }
}
