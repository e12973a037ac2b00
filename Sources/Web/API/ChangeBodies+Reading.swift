internal import Domain
internal import Pipeline
internal import Wire

extension ChangeBodies.Model {
    /// - Throws: `schemaViolation` naming each fault.
    func change() throws -> ModelChange {
        try check()
        var change = ModelChange()
        change.name = name
        change.description = description
        change.category = category
        change.tags = tags
        change.isPublic = is_public
        change.isAnonymous = allow_anonymous
        change.addresses = allowed_addresses?.compactMap { AddressRange($0) }
        change.status = status.flatMap(Model.Status.init)
        change.needsApproval = needs_approval
        change.history = history?.policy
        return change
    }
}
