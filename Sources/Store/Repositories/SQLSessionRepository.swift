package import Database
package import Domain

/// Logins and refresh tokens in SQL. A used token is kept, so that its second use is seen.
package struct SQLSessionRepository: SessionRepository {
    private let database: any SQLDatabase

    package init(_ database: any SQLDatabase) {
        self.database = database
    }

    package func add(_ session: Session) async throws {
        try await database.write { try Self.insert(session, $0) }
    }

    package func rotate(hash: String, to newHash: String, expiresAt: Timestamp, now: Timestamp) async throws -> RefreshOutcome {
        try await database.write { connection in
            guard let row = try connection.first("SELECT * FROM refresh_tokens WHERE token_hash = ?", [.text(hash)]) else { return .unknown }
            let session = SessionID(stored: try row.text("session_id"))
            if try row.optionalInt("used_at") != nil {
                try Self.end(session, now, connection)
                return .reused(session)
            }
            guard try row.optionalInt("ended_at") == nil, try row.int("expires_at") > now.milliseconds else { return .unknown }
            try connection.execute("UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ?", [.int(now.milliseconds), .text(hash)])
            let next = Session(
                id: session, userID: UserID(stored: try row.text("user_id")), tokenHash: newHash, expiresAt: expiresAt, createdAt: now
            )
            try Self.insert(next, connection)
            return .rotated(next)
        }
    }

    package func end(_ id: SessionID, at now: Timestamp) async throws {
        try await database.write { connection in
            try Self.end(id, now, connection)
            try AccessChanges.count(connection)
        }
    }

    package func endAll(of user: UserID, except kept: SessionID?, at now: Timestamp) async throws -> [SessionID] {
        try await database.write { connection in
            let ended = try Self.endAll(of: user, except: kept, at: now, connection)
            try AccessChanges.count(connection)
            return ended
        }
    }

    package func sessions(of user: UserID, at now: Timestamp) async throws -> [Session] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT * FROM refresh_tokens WHERE user_id = ? AND used_at IS NULL AND ended_at IS NULL AND expires_at > ?
                ORDER BY created_at DESC, session_id DESC
                """, [.text(user.rawValue), .int(now.milliseconds)]
            ).map { row in
                Session(
                    id: SessionID(stored: try row.text("session_id")), userID: user, tokenHash: try row.text("token_hash"),
                    expiresAt: Timestamp(milliseconds: try row.int("expires_at")), createdAt: Timestamp(milliseconds: try row.int("created_at")))
            }
        }
    }

    package func ended(since moment: Timestamp) async throws -> [SessionID] {
        try await database.read { connection in
            try connection.query("SELECT DISTINCT session_id FROM refresh_tokens WHERE ended_at >= ?", [.int(moment.milliseconds)])
                .map { SessionID(stored: try $0.text("session_id")) }
        }
    }

    static func endAll(of user: UserID, except kept: SessionID?, at now: Timestamp, _ connection: any SQLConnection) throws -> [SessionID] {
        let open = try connection.query(
            "SELECT DISTINCT session_id FROM refresh_tokens WHERE user_id = ? AND ended_at IS NULL", [.text(user.rawValue)]
        ).map { SessionID(stored: try $0.text("session_id")) }.filter { $0 != kept }
        for session in open { try end(session, now, connection) }
        return open
    }

    private static func insert(_ session: Session, _ connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO refresh_tokens (token_hash, session_id, user_id, expires_at, created_at) VALUES (?, ?, ?, ?, ?)",
            [
                .text(session.tokenHash), .text(session.id.rawValue), .text(session.userID.rawValue),
                .int(session.expiresAt.milliseconds), .int(session.createdAt.milliseconds),
            ]
        )
    }

    private static func end(_ id: SessionID, _ now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE refresh_tokens SET ended_at = ? WHERE session_id = ? AND ended_at IS NULL",
            [.int(now.milliseconds), .text(id.rawValue)]
        )
    }
}
