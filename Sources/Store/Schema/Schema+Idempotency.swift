import Database

extension Schema {
    /// Requests that may be sent again without a second effect.
    static let idempotency = Migration(
        "0014-idempotency",
        [
            """
            CREATE TABLE idempotent_requests (
                user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                key TEXT NOT NULL,
                fingerprint TEXT,
                state TEXT NOT NULL,
                status BIGINT,
                answer TEXT,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, key)
            )
            """,
            "CREATE INDEX idempotent_requests_created ON idempotent_requests (created_at)",
        ]
    )
}
