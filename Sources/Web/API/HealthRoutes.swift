package import Domain
internal import HTTPTypes
internal import Hummingbird

/// `/health`, `/health/live`, `/health/ready`: for people and for orchestrators, without a login.
struct HealthRoutes {
    let health: HealthCheck

    func add(to router: Router<AppContext>) {
        router.get("health") { _, _ in try await report() }
        router.get("health/live") { _, _ in try Answer.json(["status": "alive"]) }
        router.get("health/ready") { _, _ in try await ready() }
    }

    @Sendable private func report() async throws -> Response {
        let facts = await health.facts()
        return try Answer.json(.object(facts.members), status: facts.isHealthy ? .ok : .serviceUnavailable)
    }

    @Sendable private func ready() async throws -> Response {
        let isReady = await health.facts().isHealthy
        return try Answer.json(["status": .string(isReady ? "ready" : "not ready")], status: isReady ? .ok : .serviceUnavailable)
    }
}

/// What the health report says; the composition root fills it in.
package struct HealthCheck: Sendable {
    package struct Facts: Sendable {
        package let isHealthy: Bool
        package let members: [String: JSONValue]

        package init(isHealthy: Bool, members: [String: JSONValue]) {
            self.isHealthy = isHealthy
            self.members = members
        }
    }

    let facts: @Sendable () async -> Facts

    package init(_ facts: @escaping @Sendable () async -> Facts) {
        self.facts = facts
    }
}
