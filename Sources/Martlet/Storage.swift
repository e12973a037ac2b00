internal import Access
internal import Database
internal import Domain
internal import Store

/// The database, migrated, and the repositories over it.
struct Storage: Sendable {
    let database: any SQLDatabase
    let users: SQLUserRepository
    let sessions: SQLSessionRepository
    let keys: SQLAPIKeyRepository
    let roles: SQLRoleRepository
    let groups: SQLGroupRepository
    let invitations: SQLInvitationRepository
    let grants: SQLGrantRepository
    let changes: AccessChanges
    let audit: SQLAuditRepository
    let requests: SQLIdempotencyRepository
    let models: SQLModelRepository
    let apis: SQLModelAPIRepository
    let usage: SQLUsageRepository
    let records: SQLRecordRepository
    let promotions: SQLPromotionRepository
    let catalogue: SQLCatalogueRepository
    let cleanup: SQLCleanupRepository
    let uploads: SQLUploadRepository
    let ratings: SQLRatingRepository
    let community: SQLCommunityRepository
    let events: SQLEventRepository
    let webhooks: SQLWebhookRepository
    let validations: SQLValidationRepository
    let tasks: SQLTaskRepository

    init(_ data: DataFolder, clock: any WallClock) async throws {
        let database = try SQLiteDatabase(path: data.database)
        try await Migrator(Schema.migrations).migrate(database, at: clock.now)
        self.database = database
        users = SQLUserRepository(database)
        sessions = SQLSessionRepository(database)
        keys = SQLAPIKeyRepository(database)
        roles = SQLRoleRepository(database)
        groups = SQLGroupRepository(database)
        invitations = SQLInvitationRepository(database)
        grants = SQLGrantRepository(database)
        changes = AccessChanges(database)
        let isFirst = !data.hasSecret("audit.key")
        audit = SQLAuditRepository(database, key: try data.secret("audit.key"))
        if isFirst { try await audit.begin() }
        requests = SQLIdempotencyRepository(database)
        models = SQLModelRepository(database)
        apis = SQLModelAPIRepository(database)
        usage = SQLUsageRepository(database)
        records = SQLRecordRepository(database)
        promotions = SQLPromotionRepository(database)
        catalogue = SQLCatalogueRepository(database)
        cleanup = SQLCleanupRepository(database)
        uploads = SQLUploadRepository(database)
        ratings = SQLRatingRepository(database)
        community = SQLCommunityRepository(database)
        events = SQLEventRepository(database)
        webhooks = SQLWebhookRepository(database)
        validations = SQLValidationRepository(database)
        tasks = SQLTaskRepository(database)
    }

    var access: AccessStores {
        AccessStores(users: users, sessions: sessions, roles: roles, groups: groups, invitations: invitations, keys: keys, audit: audit)
    }
}
