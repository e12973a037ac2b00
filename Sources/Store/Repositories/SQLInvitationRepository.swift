package import Database
package import Domain

/// Invitations in SQL.
package struct SQLInvitationRepository: InvitationRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ invitation: Invitation) async throws {
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO invitations (id, token_hash, email, role, invited_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(invitation.id.rawValue), .text(invitation.tokenHash), .optional(invitation.email), .text(invitation.role.rawValue),
                    .text(invitation.invitedBy.rawValue), .int(invitation.createdAt.milliseconds), .int(invitation.expiresAt.milliseconds),
                ])
        }
    }

    package func invitation(hash: String) async throws -> Invitation? {
        try await database.read { connection in
            try connection.first("SELECT * FROM invitations WHERE token_hash = ?", [.text(hash)]).map { try Invitation(row: $0) }
        }
    }

    package func invitations() async throws -> [Invitation] {
        try await database.read { connection in
            try connection.query("SELECT * FROM invitations ORDER BY created_at DESC, id DESC LIMIT 1000").map { try Invitation(row: $0) }
        }
    }

    package func remove(_ id: InvitationID) async throws -> Bool {
        try await database.write { connection in
            try connection.execute("DELETE FROM invitations WHERE id = ? AND used_by IS NULL", [.text(id.rawValue)]) == 1
        }
    }
}

extension Invitation {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: InvitationID(stored: try row.text("id")), tokenHash: try row.text("token_hash"), email: try row.optionalText("email"),
            role: RoleName(stored: try row.text("role")), invitedBy: UserID(stored: try row.text("invited_by")),
            createdAt: Timestamp(milliseconds: try row.int("created_at")), expiresAt: Timestamp(milliseconds: try row.int("expires_at")),
            usedBy: try row.optionalText("used_by").map(UserID.init(stored:)))
    }
}
