package import Domain
import Database

extension SQLModelRepository {
    package func add(
        _ new: NewVersion, to model: Model?, within quota: AccountLimits, validation: Validation, task: PlatformTask,
        place: @escaping @Sendable (ModelVersion) throws -> Void
    ) async throws -> ModelVersion {
        try await database.write { connection in
            if let model {
                try Self.insert(model, connection)
            } else if try connection.first("SELECT id FROM ml_models WHERE id = ? AND status <> 'deleted'", [.text(new.modelID.rawValue)]) == nil {
                throw PlatformError.notFound("model", new.modelID.rawValue)
            }
            let version = try Self.numbered(new, connection)
            try Self.insert(version, connection)
            try connection.execute("UPDATE ml_models SET file_bytes = file_bytes + ? WHERE id = ?", [.int(version.fileSize), .text(version.modelID.rawValue)])
            if let row = try connection.first("SELECT * FROM version_records WHERE id = ?", [.text(version.id.rawValue)]) {
                var record = try VersionRecord(row: row)
                record.description = new.description.filled(from: record.description)
                try SQLRecordRepository.write(record, connection)
            } else {
                try SQLRecordRepository.insert(new.record(version.version, parent: try new.parentID ?? Self.parent(of: version, connection)), connection)
            }
            try Self.use(of: new.ownerID, connection).require(within: quota)
            try SQLValidationRepository.insert(validation, connection)
            try SQLTaskRepository.insert(task, connection)
            try place(version)
            return version
        }
    }

    package func use(of owner: UserID) async throws -> AccountUse {
        try await database.read { try Self.use(of: owner, $0) }
    }

    static func use(of owner: UserID, _ connection: any SQLConnection) throws -> AccountUse {
        let row = try connection.first(
            """
            SELECT COUNT(DISTINCT m.id) AS models, COALESCE(SUM(v.file_size), 0) AS bytes FROM ml_models m
            LEFT JOIN ml_model_versions v ON v.model_id = m.id AND v.deleted_at IS NULL WHERE m.owner_id = ? AND m.status <> 'deleted'
            """, [.text(owner.rawValue)])
        return AccountUse(models: Int(try row?.int("models") ?? 0), storage: try row?.int("bytes") ?? 0)
    }

    package func versions(of model: ModelID) async throws -> [ModelVersion] {
        try await database.read { connection in
            try connection.query("SELECT * FROM ml_model_versions WHERE model_id = ? AND deleted_at IS NULL ORDER BY ordinal DESC", [.text(model.rawValue)])
                .map { try ModelVersion(row: $0) }
        }
    }

    package func isModerated(anyOf files: [String]) async throws -> Bool {
        try await database.read { connection in
            try connection.first(
                """
                SELECT 1 AS one FROM ml_model_versions v JOIN ml_models m ON m.id = v.model_id
                WHERE v.file_hash IN (\(Self.marks(files.count))) AND m.is_moderated = TRUE LIMIT 1
                """, files.map { .text($0) }) != nil
        }
    }

    package func version(_ id: VersionID) async throws -> ModelVersion? {
        try await database.read { connection in
            try connection.first("SELECT * FROM ml_model_versions WHERE id = ? AND deleted_at IS NULL", [.text(id.rawValue)]).map { try ModelVersion(row: $0) }
        }
    }

    package func update(_ version: ModelVersion) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                UPDATE ml_model_versions SET input_schema_json = ?, output_schema_json = ?, signature_json = ?, environment_key = ?,
                    converted_hash = ?, converted_environment_key = ?, converted_tools_json = ?,
                    runtime = ?, validation_status = ?, validation_date = ?, signed_at = ? WHERE id = ?
                """,
                [
                    .optional(try version.inputSchema.map { try SQLJSON.text($0) }),
                    .optional(try version.outputSchema.map { try SQLJSON.text($0) }),
                    .optional(try version.signature.map { try SQLJSON.text($0) }), .optional(version.environmentKey),
                    .optional(version.converted?.sha256), .optional(version.converted?.environmentKey),
                    .optional(try version.converted.map { try SQLJSON.text($0.tools) }),
                    .optional(version.runtime?.rawValue), .text(version.validationStatus.rawValue),
                    .optional(version.validatedAt?.milliseconds), .optional(version.signedAt?.milliseconds), .text(version.id.rawValue),
                ]
            )
        }
    }

    package func activate(_ version: VersionID, of model: ModelID, at now: Timestamp) async throws {
        try await database.write { connection in
            let row = try connection.first(
                "SELECT version, validation_status FROM ml_model_versions WHERE id = ? AND model_id = ? AND deleted_at IS NULL",
                [.text(version.rawValue), .text(model.rawValue)]
            )
            guard let row else { throw PlatformError.notFound("version", version.rawValue) }
            try connection.execute("UPDATE ml_model_versions SET is_active = FALSE WHERE model_id = ?", [.text(model.rawValue)])
            try connection.execute("UPDATE ml_model_versions SET is_active = TRUE WHERE id = ?", [.text(version.rawValue)])
            let changed = try connection.execute(
                """
                UPDATE ml_models SET current_version_id = ?, version = ?, validation_status = ?, status = 'active', updated_at = ?
                WHERE id = ? AND status NOT IN ('deleted', 'archived')
                """,
                [
                    .text(version.rawValue), .text(try row.text("version")), .text(try row.text("validation_status")),
                    .int(now.milliseconds), .text(model.rawValue),
                ]
            )
            guard changed == 1 else { throw PlatformError(.conflict, "The model was archived or deleted meanwhile.") }
            try SQLRecordRepository.show(model, connection)
        }
    }

    package func deactivate(_ model: ModelID, validationStatus: ValidationStatus, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute("UPDATE ml_model_versions SET is_active = FALSE WHERE model_id = ?", [.text(model.rawValue)])
            try connection.execute(
                "UPDATE ml_models SET current_version_id = NULL, status = 'pending', validation_status = ?, updated_at = ? WHERE id = ? AND status <> 'deleted'",
                [.text(validationStatus.rawValue), .int(now.milliseconds), .text(model.rawValue)]
            )
        }
    }

    package func note(_ validationStatus: ValidationStatus, of model: ModelID, at now: Timestamp) async throws {
        try await database.write { connection in
            try connection.execute(
                "UPDATE ml_models SET validation_status = ?, updated_at = ? WHERE id = ? AND current_version_id IS NULL AND status <> 'deleted'",
                [.text(validationStatus.rawValue), .int(now.milliseconds), .text(model.rawValue)])
        }
    }

    package func learnSize() async throws { try await database.analyze() }

    package func knownFolders(of models: [ModelID]) async throws -> Set<String> {
        try await database.read { connection in
            let rows = try connection.query(
                """
                SELECT v.* FROM ml_model_versions v JOIN ml_models m ON m.id = v.model_id
                WHERE m.purged_at IS NULL AND v.purged_at IS NULL AND m.id IN (\(Self.marks(models.count)))
                """, models.map { .text($0.rawValue) })
            return Set(try rows.map { try ModelVersion(row: $0).folder })
        }
    }

    package func usedEnvironments(among keys: [String]) async throws -> Set<String> {
        try await database.read { connection in
            func isUsed(_ key: String, _ column: String) throws -> Bool {
                try connection.first(
                    """
                    SELECT 1 FROM ml_model_versions v JOIN ml_models m ON m.id = v.model_id
                    WHERE v.\(column) = ? AND v.deleted_at IS NULL AND m.status <> 'deleted' LIMIT 1
                    """, [.text(key)]) != nil
            }
            return Set(try keys.filter { try isUsed($0, "environment_key") || isUsed($0, "converted_environment_key") })
        }
    }

    /// The version that serves, else the one before: what a new one was made from, as far as nobody says otherwise.
    private static func parent(of version: ModelVersion, _ connection: any SQLConnection) throws -> VersionID? {
        let current = try connection.first("SELECT current_version_id FROM ml_models WHERE id = ?", [.text(version.modelID.rawValue)])
        if let id = try current?.optionalText("current_version_id") { return VersionID(stored: id) }
        return try SQLRecordRepository.records(of: version.modelID, connection).first { $0.id != version.id }?.id
    }

    /// Gives the version its ordinal and, when the uploader named none, its number: the next minor one.
    private static func numbered(_ new: NewVersion, _ connection: any SQLConnection) throws -> ModelVersion {
        let rows = try connection.query("SELECT ordinal FROM ml_model_versions WHERE model_id = ?", [.text(new.modelID.rawValue)])
        let records = try SQLRecordRepository.records(of: new.modelID, connection, withDeleted: true)
        let own = records.first { $0.id == new.id }
        if let own {
            let isLive = try connection.first("SELECT id FROM version_records WHERE id = ? AND deleted_at IS NULL", [.text(new.id.rawValue)]) != nil
            guard isLive, new.version == nil || new.version == own.version else {
                throw PlatformError(.conflict, "The file is for version \(own.version)\(isLive ? ", and the form says another one" : ", which was deleted meanwhile").")
            }
        }
        let number = own?.version ?? new.version ?? records.map(\.version).max()?.nextMinor ?? .first
        guard !records.contains(where: { $0.version == number && $0.id != new.id }),
            try connection.first("SELECT id FROM ml_model_versions WHERE id = ?", [.text(new.id.rawValue)]) == nil
        else {
            throw PlatformError(.conflict, "Version \(number) of '\(new.modelID)' exists already. hint: leave 'version' out to count up.")
        }
        let ordinal = try (rows.map { Int(try $0.int("ordinal")) }.max() ?? 0) + 1
        return ModelVersion(
            id: new.id, modelID: new.modelID, version: number, ordinal: ordinal,
            filePath: "models/\(new.ownerID)/\(new.modelID)/v\(ordinal)/\(new.fileName)", originalName: new.originalName,
            fileSize: new.fileSize, fileHash: new.fileHash, customAPIHash: new.customAPIHash, format: new.format, requirements: new.requirements,
            pythonVersion: new.pythonVersion, inputSchema: new.inputSchema, outputSchema: new.outputSchema, runtimeChoice: new.runtimeChoice,
            createdAt: new.createdAt, createdBy: new.createdBy, notes: new.notes
        )
    }

    static func insert(_ model: Model, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO ml_models (id, name, description, model_type, framework, version, owner_id, is_public, category, status,
                validation_status, created_at, updated_at, parent_model_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(model.id.rawValue), .text(model.name), .text(model.description), .text(model.type.rawValue),
                .optional(model.framework), .text(model.version.description), .text(model.ownerID.rawValue), .bool(model.isPublic),
                .optional(model.category), .text(model.status.rawValue), .text(model.validationStatus.rawValue),
                .int(model.createdAt.milliseconds), .int(model.updatedAt.milliseconds), .optional(model.registered.parentID?.rawValue),
            ]
        )
        try insertTags(of: model, connection)
        try SQLModelText.write(model.id, connection)
    }

    private static func insert(_ version: ModelVersion, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO ml_model_versions (id, model_id, version, ordinal, file_path, original_name, file_size, file_hash, custom_api_hash,
                format, requirements_json, python_version, input_schema_json, output_schema_json, validation_status, is_active, created_at,
                created_by, notes, runtime_choice) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE, ?, ?, ?, ?)
            """,
            [
                .text(version.id.rawValue), .text(version.modelID.rawValue), .text(version.version.description),
                .int(Int64(version.ordinal)), .text(version.filePath), .text(version.originalName), .int(version.fileSize),
                .text(version.fileHash), .optional(version.customAPIHash), .text(version.format.rawValue), .text(try SQLJSON.text(version.requirements)),
                .optional(version.pythonVersion), .optional(try version.inputSchema.map { try SQLJSON.text($0) }),
                .optional(try version.outputSchema.map { try SQLJSON.text($0) }), .text(version.validationStatus.rawValue),
                .int(version.createdAt.milliseconds), .text(version.createdBy.rawValue), .optional(version.notes), .text(version.runtimeChoice.rawValue),
            ]
        )
    }
}

extension ModelVersion {
    init(row: SQLRow) throws {
        self.init(
            id: VersionID(stored: try row.text("id")),
            modelID: ModelID(stored: try row.text("model_id")),
            version: SemanticVersion(try row.text("version")) ?? .first,
            ordinal: Int(try row.int("ordinal")),
            filePath: try row.text("file_path"),
            originalName: try row.text("original_name"),
            fileSize: try row.int("file_size"),
            fileHash: try row.text("file_hash"),
            customAPIHash: try row.optionalText("custom_api_hash"),
            format: ModelFormat(rawValue: try row.text("format")) ?? .pickle,
            requirements: try SQLJSON.value([String].self, from: try row.text("requirements_json")),
            pythonVersion: try row.optionalText("python_version"),
            inputSchema: try SQLJSON.optional(JSONValue.self, from: try row.optionalText("input_schema_json")),
            outputSchema: try SQLJSON.optional(JSONValue.self, from: try row.optionalText("output_schema_json")),
            signature: try SQLJSON.optional(Signature.self, from: try row.optionalText("signature_json")),
            environmentKey: try row.optionalText("environment_key"),
            converted: try ConvertedModel(row: row),
            runtimeChoice: try row.optionalText("runtime_choice").flatMap(RuntimeChoice.init) ?? .auto,
            runtime: try row.optionalText("runtime").flatMap(Runtime.init),
            validationStatus: ValidationStatus(rawValue: try row.text("validation_status")) ?? .failed,
            validatedAt: try row.optionalInt("validation_date").map(Timestamp.init(milliseconds:)),
            signedAt: try row.optionalInt("signed_at").map(Timestamp.init(milliseconds:)),
            isActive: try row.bool("is_active"),
            createdAt: Timestamp(milliseconds: try row.int("created_at")),
            createdBy: UserID(stored: try row.text("created_by")),
            notes: try row.optionalText("notes")
        )
    }
}

extension ConvertedModel {
    fileprivate init?(row: SQLRow) throws {
        guard let hash = try row.optionalText("converted_hash"), let key = try row.optionalText("converted_environment_key") else { return nil }
        self.init(
            sha256: hash, environmentKey: key, tools: try SQLJSON.optional([String: String].self, from: try row.optionalText("converted_tools_json")) ?? [:]
        )
    }
}
