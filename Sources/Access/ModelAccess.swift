package import Domain

/// Who may do what with a model: the matrix of the hosting contract, in one place.
package enum ModelAccess {
    package enum Action: String, Sendable, CaseIterable {
        case view, execute, download, update, delete, activate, manage
    }

    /// Owners and admins may do everything; a public model may be seen and executed by every account.
    package static func allows(_ action: Action, ownerID: UserID, isPublic: Bool, to principal: Principal) -> Bool {
        if principal.isAdmin || principal.userID == ownerID { return true }
        switch action {
        case .view, .execute: return isPublic
        case .download, .update, .delete, .activate, .manage: return false
        }
    }

    /// - Throws: `modelNotFound` when the caller may not know of the model, `forbidden` when they may see but not do it.
    package static func require(_ action: Action, on id: ModelID, ownerID: UserID, isPublic: Bool, by principal: Principal) throws {
        guard !allows(action, ownerID: ownerID, isPublic: isPublic, to: principal) else { return }
        guard allows(.view, ownerID: ownerID, isPublic: isPublic, to: principal) else { throw PlatformError.notFound("model", id.rawValue) }
        throw PlatformError(.forbidden, "Only the owner of '\(id)' or an admin may \(action.rawValue) it.")
    }
}
