package import Database
package import Domain

/// What is said about versions, in SQL.
package struct SQLRecordRepository: RecordRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func register(_ model: Model, _ record: VersionRecord, within quota: AccountLimits) async throws {
        try await database.write { connection in
            try SQLModelRepository.insert(model, connection)
            try SQLModelRepository.use(of: model.ownerID, connection).require(within: quota)
            try Self.insert(record, connection)
        }
    }

    package func announce(_ new: NewRecord) async throws -> VersionRecord {
        try await database.write { connection in
            let taken = try Self.records(of: new.modelID, connection, withDeleted: true)
            guard taken.count < VersionRecord.maximumCount else {
                throw PlatformError(.quotaExceeded, "A model may have \(VersionRecord.maximumCount) versions.")
            }
            guard let latest = taken.map(\.version).max() else { throw PlatformError.notFound("model", new.modelID.rawValue) }
            let number = new.version ?? (new.isBreaking ? latest.nextMajor : latest.nextMinor)
            guard !taken.contains(where: { $0.version == number }) else {
                throw PlatformError(.conflict, "Version \(number) of '\(new.modelID)' exists already. hint: leave 'version' out to count up.")
            }
            let parent = new.parentID ?? taken.max { $0.version < $1.version }?.id
            let base = taken.first { $0.id == parent }?.description ?? VersionDescription()
            let record = VersionRecord(
                id: new.id, modelID: new.modelID, version: number, description: new.description.filled(from: base), parentID: parent, createdAt: new.createdAt,
                createdBy: new.createdBy)
            try Self.insert(record, connection)
            return record
        }
    }

    package func record(_ id: VersionID) async throws -> VersionRecord? {
        try await database.read { connection in
            try connection.first("SELECT * FROM version_records WHERE id = ? AND deleted_at IS NULL", [.text(id.rawValue)]).map { try VersionRecord(row: $0) }
        }
    }

    package func records(of model: ModelID) async throws -> [VersionRecord] {
        try await database.read { try Self.records(of: model, $0) }
    }

    package func update(_ record: VersionRecord) async throws {
        try await database.write { try Self.write(record, $0) }
    }

    static func write(_ record: VersionRecord, _ connection: any SQLConnection) throws {
        let description = record.description
        try connection.execute(
            "UPDATE version_records SET algorithm = ?, hyperparameters_json = ?, metrics_json = ?, dataset_json = ?, training_json = ? WHERE id = ?",
            [
                .optional(description.algorithm), .text(try SQLJSON.text(description.hyperparameters)), .text(try SQLJSON.text(description.metrics)),
                .text(try SQLJSON.text(description.dataset)), .text(try SQLJSON.text(description.training)), .text(record.id.rawValue),
            ])
        try show(record.modelID, connection)
    }

    package func learn(_ algorithm: String, of id: VersionID) async throws {
        try await database.write { connection in
            let changed = try connection.execute(
                "UPDATE version_records SET algorithm = ? WHERE id = ? AND algorithm IS NULL", [.text(algorithm), .text(id.rawValue)])
            guard changed == 1, let row = try connection.first("SELECT model_id FROM version_records WHERE id = ?", [.text(id.rawValue)]) else { return }
            try Self.show(ModelID(stored: try row.text("model_id")), connection)
        }
    }

    package func ancestors(of id: VersionID, limit: Int) async throws -> [VersionRecord] {
        try await database.read { connection in
            var found: [VersionRecord] = []
            var next: VersionID? = id
            while let id = next, found.count < limit, !found.contains(where: { $0.id == id }) {
                guard let row = try connection.first("SELECT * FROM version_records WHERE id = ?", [.text(id.rawValue)]) else { break }
                let record = try VersionRecord(row: row)
                found.append(record)
                next = record.parentID
            }
            return found
        }
    }

    /// - Parameter withDeleted: Also those whose number is taken, and no more.
    static func records(of model: ModelID, _ connection: any SQLConnection, withDeleted: Bool = false) throws -> [VersionRecord] {
        let condition = withDeleted ? "" : "AND deleted_at IS NULL"
        return try connection.query("SELECT * FROM version_records WHERE model_id = ? \(condition) ORDER BY created_at DESC, id DESC", [.text(model.rawValue)])
            .map { try VersionRecord(row: $0) }
    }

    static func insert(_ record: VersionRecord, _ connection: any SQLConnection) throws {
        let description = record.description
        try connection.execute(
            """
            INSERT INTO version_records (id, model_id, version, algorithm, hyperparameters_json, metrics_json, dataset_json, training_json, parent_id, stage,
                created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.id.rawValue), .text(record.modelID.rawValue), .text(record.version.description), .optional(description.algorithm),
                .text(try SQLJSON.text(description.hyperparameters)), .text(try SQLJSON.text(description.metrics)), .text(try SQLJSON.text(description.dataset)),
                .text(try SQLJSON.text(description.training)), .optional(record.parentID?.rawValue), .text(record.stage.rawValue),
                .int(record.createdAt.milliseconds), .text(record.createdBy.rawValue),
            ])
        try show(record.modelID, connection)
    }

    /// Lets the model say what its version says: the one that serves, else the newest.
    static func show(_ model: ModelID, _ connection: any SQLConnection) throws {
        let current = try connection.first("SELECT current_version_id FROM ml_models WHERE id = ?", [.text(model.rawValue)])?.optionalText("current_version_id")
        let records = try records(of: model, connection)
        guard let shown = records.first(where: { $0.id.rawValue == current }) ?? records.max(by: { $0.version < $1.version }) else { return }
        let description = shown.description
        try connection.execute(
            "UPDATE ml_models SET algorithm = ?, metrics_json = ?, accuracy = ?, stage = ?, version = ? WHERE id = ?",
            [
                .optional(description.algorithm), .text(try SQLJSON.text(description.metrics)), description.accuracy.map { .double($0) } ?? .null,
                .text((records.map(\.stage).max() ?? .development).rawValue), .text(shown.version.description), .text(model.rawValue),
            ])
        try SQLModelText.write(model, connection)
    }
}

extension VersionRecord {
    init(row: SQLRow) throws {
        func object(_ column: String) throws -> [String: JSONValue] { try SQLJSON.value([String: JSONValue].self, from: try row.text(column)) }
        self.init(
            id: VersionID(stored: try row.text("id")), modelID: ModelID(stored: try row.text("model_id")), version: SemanticVersion(try row.text("version")) ?? .first,
            description: VersionDescription(
                algorithm: try row.optionalText("algorithm"), hyperparameters: try object("hyperparameters_json"), metrics: try object("metrics_json"),
                dataset: try object("dataset_json"), training: try object("training_json")),
            parentID: try row.optionalText("parent_id").map(VersionID.init(stored:)), stage: Stage(rawValue: try row.text("stage")) ?? .development,
            createdAt: Timestamp(milliseconds: try row.int("created_at")), createdBy: UserID(stored: try row.text("created_by")))
    }
}
