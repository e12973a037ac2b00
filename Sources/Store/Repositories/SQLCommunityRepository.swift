package import Database
package import Domain

/// Cards and complaints in SQL.
package struct SQLCommunityRepository: CommunityRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func save(_ card: ModelCard) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO model_cards (model_id, markdown, html, front_matter_json, license, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(model_id) DO UPDATE SET markdown = excluded.markdown, html = excluded.html, front_matter_json = excluded.front_matter_json,
                    license = excluded.license, updated_at = excluded.updated_at, updated_by = excluded.updated_by
                """,
                [
                    .text(card.modelID.rawValue), .text(card.markdown), .text(card.html), .text(try SQLJSON.text(card.frontMatter)), .optional(card.license),
                    .int(card.updatedAt.milliseconds), .text(card.updatedBy.rawValue),
                ])
        }
    }

    package func card(of model: ModelID) async throws -> ModelCard? {
        try await database.read { connection in
            try connection.first("SELECT * FROM model_cards WHERE model_id = ?", [.text(model.rawValue)]).map { row in
                ModelCard(
                    modelID: model, markdown: try row.text("markdown"), html: try row.text("html"),
                    frontMatter: try SQLJSON.value([String: JSONValue].self, from: try row.text("front_matter_json")),
                    updatedAt: Timestamp(milliseconds: try row.int("updated_at")), updatedBy: UserID(stored: try row.text("updated_by")))
            }
        }
    }

    package func removeCard(of model: ModelID) async throws -> Bool {
        try await database.write { try $0.execute("DELETE FROM model_cards WHERE model_id = ?", [.text(model.rawValue)]) == 1 }
    }

    package func shown(of models: [ModelID]) async throws -> [ModelID: MarketplaceFacts] {
        guard !models.isEmpty else { return [:] }
        let marks = models.map { _ in "?" }.joined(separator: ", ")
        let ids = models.map { SQLValue.text($0.rawValue) }
        return try await database.read { connection in
            var facts: [ModelID: MarketplaceFacts] = [:]
            for row in try connection.query("SELECT model_id, license FROM model_cards WHERE model_id IN (\(marks))", ids) {
                facts[ModelID(stored: try row.text("model_id")), default: MarketplaceFacts()].hasCard = true
                facts[ModelID(stored: try row.text("model_id"))]?.license = try row.optionalText("license")
            }
            for row in try connection.query("SELECT model_id, total_calls FROM ml_model_usage_totals WHERE model_id IN (\(marks))", ids) {
                facts[ModelID(stored: try row.text("model_id")), default: MarketplaceFacts()].calls = try row.int("total_calls")
            }
            return facts
        }
    }

    package func add(_ report: ModelReport) async throws {
        do {
            try await database.write { connection in
                try connection.execute(
                    "INSERT INTO model_reports (id, model_id, reporter_id, reason, text, state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        .text(report.id.rawValue), .text(report.modelID.rawValue), .text(report.reporterID.rawValue), .text(report.reason.rawValue),
                        .text(report.text), .text(report.state.rawValue), .int(report.createdAt.milliseconds),
                    ])
            }
        } catch let error as PlatformError where error.code == .conflict {
            throw PlatformError(.conflict, "A report of yours on the model is open already.")
        }
    }

    package func report(_ id: ReportID) async throws -> ModelReport? {
        try await database.read { try $0.first("SELECT * FROM model_reports WHERE id = ?", [.text(id.rawValue)]).map { try ModelReport(row: $0) } }
    }

    package func reports(_ state: ModelReport.State?, before: ReportID?, limit: Int) async throws -> [ModelReport] {
        try await database.read { connection in
            try connection.query(
                "SELECT * FROM model_reports WHERE id < ? \(state == nil ? "" : "AND state = ?") ORDER BY id DESC LIMIT ?",
                [.text(before?.rawValue ?? "rep_~")] + (state.map { [.text($0.rawValue)] } ?? []) + [.int(Int64(limit))]
            ).map { try ModelReport(row: $0) }
        }
    }

    package func decide(_ report: ModelReport) async throws {
        try await database.write { connection in
            let decided = try connection.execute(
                "UPDATE model_reports SET state = ?, decided_by = ?, decided_at = ?, note = ? WHERE id = ? AND state = 'open'",
                [
                    .text(report.state.rawValue), .optional(report.decidedBy?.rawValue), .optional(report.decidedAt?.milliseconds), .optional(report.note),
                    .text(report.id.rawValue),
                ])
            guard decided == 1 else { throw PlatformError(.conflict, "Somebody else has decided about the report.") }
            guard report.state == .upheld else { return }
            try connection.execute(
                "UPDATE ml_models SET is_public = FALSE, is_anonymous = FALSE, is_moderated = TRUE, updated_at = updated_at + 1 WHERE id = ?",
                [.text(report.modelID.rawValue)])
            try AccessChanges.count(connection)
        }
    }
}

extension ModelReport {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: ReportID(stored: try row.text("id")), modelID: ModelID(stored: try row.text("model_id")), reporterID: UserID(stored: try row.text("reporter_id")),
            reason: Reason(rawValue: try row.text("reason")) ?? .other, text: try row.text("text"), state: State(rawValue: try row.text("state")) ?? .open,
            createdAt: Timestamp(milliseconds: try row.int("created_at")), decidedBy: try row.optionalText("decided_by").map(UserID.init(stored:)),
            decidedAt: try row.optionalInt("decided_at").map(Timestamp.init(milliseconds:)), note: try row.optionalText("note"))
    }
}
