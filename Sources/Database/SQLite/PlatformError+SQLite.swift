import Domain
internal import GRDB

/// The one place where SQLite's failures become ours.
func platformError(from error: any Error) -> any Error {
    guard let failure = error as? DatabaseError else { return error }
    switch failure.extendedResultCode {
    case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
        return PlatformError(.conflict, "It exists already.", cause: error)
    case .SQLITE_CONSTRAINT_FOREIGNKEY:
        return PlatformError(.conflict, "It refers to something that does not exist, or is still referred to.", cause: error)
    default:
        break
    }
    switch failure.resultCode {
    case .SQLITE_FULL:
        return PlatformError(.storageFailure, "The disk is full. hint: free some space and try again.", retryAfterSeconds: 60, cause: error)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
        return PlatformError(.unavailable, "The database is busy. hint: try again.", retryAfterSeconds: 1, cause: error)
    default:
        return PlatformError(.storageFailure, "The database failed. hint: try again; if it stays, see the server's log.", retryAfterSeconds: 5, cause: error)
    }
}
