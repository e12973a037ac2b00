internal import Access
internal import Database
internal import Domain
internal import Logging
internal import Store

/// The database, migrated, and the repositories over it.
struct Storage: Sendable {
    let database: any SQLDatabase
    let users: SQLUserRepository
    let sessions: SQLSessionRepository
    let keys: SQLAPIKeyRepository
    let audit: SQLAuditRepository
    let models: SQLModelRepository
    let apis: SQLModelAPIRepository
    let usage: SQLUsageRepository
    let validations: SQLValidationRepository
    let tasks: SQLTaskRepository

    init(_ data: DataFolder, clock: any WallClock) async throws {
        let database = try SQLiteDatabase(path: data.database)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        self.database = database
        users = SQLUserRepository(database)
        sessions = SQLSessionRepository(database)
        keys = SQLAPIKeyRepository(database)
        audit = SQLAuditRepository(database)
        models = SQLModelRepository(database)
        apis = SQLModelAPIRepository(database)
        usage = SQLUsageRepository(database)
        validations = SQLValidationRepository(database)
        tasks = SQLTaskRepository(database)
    }
}

/// Everything about who may come in.
struct Accounts: Sendable {
    let accounts: AccountService
    let keys: APIKeyService
    let authenticator: Authenticator

    init(_ storage: Storage, _ data: DataFolder, clock: any WallClock) async throws {
        let tokens = await AccessTokens(secret: try data.secret("jwt.key"), clock: clock)
        authenticator = Authenticator(tokens: tokens, clock: clock)
        accounts = AccountService(
            users: storage.users, sessions: storage.sessions, hasher: PasswordHasher(), tokens: tokens, authenticator: authenticator,
            audit: storage.audit, clock: clock
        )
        keys = APIKeyService(keys: storage.keys, users: storage.users, authenticator: authenticator, audit: storage.audit, clock: clock)
    }

    /// Loads the keys and ended sessions that requests are checked against, and makes the first admin.
    func prepare(_ storage: Storage, admin: (email: String, password: String)?, clock: any WallClock, logger: Logger) async throws {
        authenticator.replaceKeys(try await storage.keys.activeKeys())
        authenticator.end(try await storage.sessions.ended(since: clock.now.adding(seconds: -AccessTokens.lifetimeSeconds)))
        guard let admin, try await storage.users.count() == 0 else { return }
        let user = try await accounts.register(email: admin.email, username: "admin", password: admin.password, role: .admin)
        logger.info("Made the first admin", metadata: ["user": "\(user.id)"])
    }
}
