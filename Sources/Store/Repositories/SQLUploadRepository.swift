package import Database
package import Domain

/// Files that come in parts, in SQL.
package struct SQLUploadRepository: UploadRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ upload: ResumableUpload, within quota: AccountLimits) async throws {
        try await database.write { connection in
            let open = try connection.first("SELECT COUNT(*) AS n FROM resumable_uploads WHERE user_id = ?", [.text(upload.userID.rawValue)])?.int("n") ?? 0
            guard open < Int64(ResumableUpload.maximumOpen) else {
                throw PlatformError(.quotaExceeded, "An account may have \(ResumableUpload.maximumOpen) uploads in parts at a time. hint: complete or delete one first.")
            }
            let announced =
                try connection.first(
                    "SELECT COALESCE(SUM(file_size), 0) AS n FROM resumable_uploads WHERE user_id = ?", [.text(upload.userID.rawValue)])?.int("n") ?? 0
            let used = try SQLModelRepository.use(of: upload.userID, connection)
            try AccountUse(models: 0, storage: used.storage + announced + upload.size).require(within: AccountLimits(storage: quota.storage))
            try connection.execute(
                "INSERT INTO resumable_uploads (id, user_id, file_name, file_size, file_hash, part_size, version_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(upload.id.rawValue), .text(upload.userID.rawValue), .text(upload.fileName), .int(upload.size), .optional(upload.sha256),
                    .int(upload.partSize), .text(upload.versionID.rawValue), .int(upload.createdAt.milliseconds),
                ])
        }
    }

    package func update(_ upload: ResumableUpload) async throws {
        try await database.write { connection in
            try connection.execute(
                "UPDATE resumable_uploads SET version_id = ? WHERE id = ?", [.text(upload.versionID.rawValue), .text(upload.id.rawValue)])
        }
    }

    package func upload(_ id: UploadID) async throws -> ResumableUpload? {
        try await database.read { connection in
            try connection.first("SELECT * FROM resumable_uploads WHERE id = ?", [.text(id.rawValue)]).map { try ResumableUpload(row: $0) }
        }
    }

    package func uploads(of user: UserID?) async throws -> [ResumableUpload] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM resumable_uploads \(user == nil ? "" : "WHERE user_id = ?") ORDER BY created_at DESC, id DESC", user.map { [.text($0.rawValue)] } ?? []
            ).map { try ResumableUpload(row: $0) }
        }
    }

    package func remove(_ id: UploadID) async throws {
        try await database.write { connection in
            try connection.execute("DELETE FROM resumable_uploads WHERE id = ?", [.text(id.rawValue)])
        }
    }

    package func version(withFile sha256: String, ownedBy user: UserID) async throws -> ModelVersion? {
        try await database.read { connection in
            try connection.first(
                """
                SELECT v.* FROM ml_model_versions v JOIN ml_models m ON m.id = v.model_id
                WHERE v.file_hash = ? AND m.owner_id = ? AND m.status <> 'deleted' AND v.deleted_at IS NULL LIMIT 1
                """, [.text(sha256), .text(user.rawValue)]
            ).map { try ModelVersion(row: $0) }
        }
    }
}

extension ResumableUpload {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: UploadID(stored: try row.text("id")), userID: UserID(stored: try row.text("user_id")), fileName: try row.text("file_name"),
            size: try row.int("file_size"), sha256: try row.optionalText("file_hash"), partSize: try row.int("part_size"),
            versionID: VersionID(stored: try row.text("version_id")), createdAt: Timestamp(milliseconds: try row.int("created_at")))
    }
}
