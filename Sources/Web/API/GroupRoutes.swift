internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/groups`
struct GroupRoutes {
    let groups: GroupService

    func add(to group: RouterGroup<AppContext>) {
        group.get(use: list)
        group.post(use: make)
        group.get("{group_id}", use: get)
        group.patch("{group_id}", use: update)
        group.delete("{group_id}", use: remove)
        group.put("{group_id}/members/{user_id}", use: addMember)
        group.delete("{group_id}/members/{user_id}", use: removeMember)
    }

    @Sendable private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let all = try await groups.list(for: try context.principal)
        return try Answer.success(["data": .array(all.map { PeopleBodies.group($0.group, members: $0.members) }), "total": .int(all.count)])
    }

    @Sendable private func make(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(PeopleBodies.Group.self)
        let group = try await groups.add(name: body.name, description: body.description ?? "", by: principal)
        return try Answer.json(PeopleBodies.group(group, members: []), status: .created)
    }

    @Sendable private func get(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        return try await answer(try id(context), principal)
    }

    @Sendable private func update(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        let body = try await request.json(PeopleBodies.GroupChange.self)
        _ = try await groups.update(try id(context), name: body.name, description: body.description, by: principal)
        return try await answer(try id(context), principal)
    }

    @Sendable private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await groups.remove(try id(context), by: principal)
        return try Answer.success(["message": "The group was removed, with the permissions it had."])
    }

    @Sendable private func addMember(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await groups.addMember(try context.id("user_id", "user"), to: try id(context), by: principal)
        return try await answer(try id(context), principal)
    }

    @Sendable private func removeMember(_ request: Request, _ context: AppContext) async throws -> Response {
        let principal = try context.principal
        try await groups.removeMember(try context.id("user_id", "user"), from: try id(context), by: principal)
        return try await answer(try id(context), principal)
    }

    private func answer(_ id: GroupID, _ principal: Principal) async throws -> Response {
        let (group, members) = try await groups.group(id, for: principal)
        return try Answer.json(PeopleBodies.group(group, members: members))
    }

    private func id(_ context: AppContext) throws -> GroupID { try context.id("group_id", "group") }
}
