internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/invitations`
struct InvitationRoutes {
    let invitations: InvitationService

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.post(use: make)
        group.delete("{invitation_id}", use: remove)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let all = try await invitations.list(for: try context.principal)
        return try Answer.success(["data": .array(all.map { PeopleBodies.invitation($0) }), "total": .int(all.count)])
    }

    @Sendable private func make(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(PeopleBodies.Invitation.self)
        let (invitation, token) = try await invitations.add(email: body.email, role: body.role, expiresInDays: body.expires_in_days, by: principal)
        return try Answer.json(PeopleBodies.invitation(invitation, token: token), status: .created)
    }

    @Sendable private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await invitations.remove(try context.id("invitation_id", "invitation"), by: principal)
        return try Answer.success(["message": "The invitation was withdrawn."])
    }
}
