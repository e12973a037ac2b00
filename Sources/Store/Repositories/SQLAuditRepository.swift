package import Database
package import Domain

/// The audit log in SQL; rows are only ever added.
package struct SQLAuditRepository: AuditRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func append(_ entry: AuditEntry) async throws {
        let details = try entry.details.map { try SQLJSON.text($0) }
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO audit_log (id, action, resource_type, resource_id, user_id, ip_address, request_id, details_json, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(Identifier<AuditEntry>(at: entry.at).rawValue), .text(entry.action), .text(entry.resourceType),
                    .text(entry.resourceID), .optional(entry.userID?.rawValue), .optional(entry.address), .optional(entry.requestID),
                    .optional(details), .int(entry.at.milliseconds),
                ]
            )
        }
    }
}

extension AuditEntry: Identified {
    package static let idPrefix = "audit_"
}
