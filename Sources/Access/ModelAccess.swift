package import Domain

/// Who may do what with a model: the matrix of the hosting contract, in one place.
package enum ModelAccess {
    package enum Action: String, Sendable, CaseIterable {
        case view, execute, download, update, delete, activate, manage

        /// What the caller's role must allow.
        package var permission: Permissions {
            switch self {
            case .view: .readModels
            case .execute: .executeModels
            case .download, .update: .updateModels
            case .delete: .deleteModels
            case .activate: .promoteModels
            case .manage: .manageModels
            }
        }

        /// What somebody who does not own the model must have been given.
        fileprivate var level: ModelGrant.Level {
            switch self {
            case .view: .read
            case .execute: .execute
            case .download, .update, .delete, .activate, .manage: .admin
            }
        }
    }

    /// How a caller stands to a model, whatever their role allows.
    ///
    /// Owners and those who administer all models may do everything, grantees what they were given, and a public model may be seen and
    /// called by every account.
    package static func concerns(_ action: Action, _ rules: ModelRules, _ principal: Principal, at now: Timestamp) -> Bool {
        if principal.userID == rules.ownerID || principal.may(.administerModels) { return true }
        if rules.isPublic, action.level <= .execute { return true }
        return rules.level(of: principal, at: now).map { $0 >= action.level } ?? false
    }

    package static func allows(_ action: Action, on id: ModelID, _ rules: ModelRules, to principal: Principal, at now: Timestamp) -> Bool {
        concerns(action, rules, principal, at: now) && principal.may(action.permission) && principal.scope?.models?.contains(id) ?? true
    }

    /// - Throws: `modelNotFound` when the caller may not know of the model, `forbidden` when they may see but not do it.
    package static func require(_ action: Action, on id: ModelID, _ rules: ModelRules, by principal: Principal, at now: Timestamp) throws {
        guard !allows(action, on: id, rules, to: principal, at: now) else { return }
        guard concerns(.view, rules, principal, at: now) else { throw PlatformError.notFound("model", id.rawValue).caused(by: HiddenFromCaller()) }
        guard principal.scope?.models?.contains(id) ?? true else { throw PlatformError(.forbidden, "The API key is not for this model.") }
        try principal.require(action.permission)
        throw PlatformError(.forbidden, "Only the owner of '\(id)', an admin, or who was given '\(action.level.rawValue)' on it may \(action.rawValue) it.")
    }
}

/// Why something that is there was said not to be: for the record, never for the caller.
package struct HiddenFromCaller: Error {
    package init() {}
}
