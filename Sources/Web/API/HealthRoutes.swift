package import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline

/// `/health`, `/health/detailed`, `/health/live`, `/health/ready`: for people and for orchestrators, without a login.
struct HealthRoutes {
    let health: HealthCheck
    let registry: RegistryService

    func add(to router: Router<AppContext>) {
        router.get("health") { _, _ in try await report() }
        router.get("health/detailed") { _, context in try await detailed(context) }
        router.get("health/live") { _, _ in try Answer.json(["status": "alive"]) }
        router.get("health/ready") { _, _ in try await ready() }
    }

    @Sendable private func report() async throws -> Response {
        let facts = await health.facts()
        return try Answer.json(.object(facts.members), status: facts.isHealthy ? .ok : .serviceUnavailable)
    }

    /// Sizes and counts are for who has a login.
    private func detailed(_ context: AppContext) async throws -> Response {
        try context.principal.require(.readModels)
        let checks = await health.checks()
        let issues = checks.filter { !$0.isGood }
        let catalogue = try await registry.numbers(models: 0).statistics
        let numbers: [String: JSONValue] = [
            "total_models": .int(catalogue.models), "active_models": .int(catalogue.byStatus["active"] ?? 0),
            "storage_usage_gb": .double(Double(catalogue.bytes) / Double(1 << 30)),
        ]
        var body: [String: JSONValue] = [
            "service": "martlet", "status": issues.isEmpty ? "healthy" : "unhealthy", "timestamp": .string(health.clock.now.description),
            "checks": .object(Dictionary(checks.map { ($0.name, .string($0.isGood ? "healthy" : $0.says)) }) { first, _ in first }),
            "details": .object(Dictionary(checks.map { ($0.name, .string($0.says)) }) { first, _ in first }),
            "metrics": .object(Dictionary(await health.gauges().map { ($0.name, .double($0.value)) } + numbers.map { ($0, $1) }) { first, _ in first }),
        ]
        if !issues.isEmpty { body["issues"] = .strings(issues.map(\.name)) }
        return try Answer.json(.object(body), status: issues.isEmpty ? .ok : .serviceUnavailable)
    }

    @Sendable private func ready() async throws -> Response {
        let isReady = await health.facts().isHealthy
        return try Answer.json(["status": .string(isReady ? "ready" : "not ready")], status: isReady ? .ok : .serviceUnavailable)
    }
}

/// What the health reports say; the composition root fills it in.
package struct HealthCheck: Sendable {
    package struct Facts: Sendable {
        package let isHealthy: Bool
        package let members: [String: JSONValue]

        package init(isHealthy: Bool, members: [String: JSONValue]) {
            self.isHealthy = isHealthy
            self.members = members
        }
    }

    /// One thing that was looked at.
    package struct Check: Sendable {
        package let name: String
        package let isGood: Bool
        /// What was found.
        package let says: String

        package init(_ name: String, isGood: Bool, says: String) {
            self.name = name
            self.isGood = isGood
            self.says = says
        }
    }

    /// A number of the whole server.
    package struct Gauge: Sendable {
        package let name: String
        package let help: String
        package let value: Double
        /// Whether it only grows.
        package let isCounter: Bool

        package init(_ name: String, _ help: String, _ value: Double, isCounter: Bool = false) {
            self.name = name
            self.help = help
            self.value = value
            self.isCounter = isCounter
        }
    }

    let facts: @Sendable () async -> Facts
    let checks: @Sendable () async -> [Check]
    let gauges: @Sendable () async -> [Gauge]
    /// Transactions of the database since the start: those that read, and those that write.
    let transactions: @Sendable () -> (reads: Int, writes: Int)
    let clock: any WallClock

    package init(
        clock: any WallClock, facts: @escaping @Sendable () async -> Facts, checks: @escaping @Sendable () async -> [Check] = { [] },
        gauges: @escaping @Sendable () async -> [Gauge] = { [] }, transactions: @escaping @Sendable () -> (reads: Int, writes: Int) = { (0, 0) }
    ) {
        self.clock = clock
        self.facts = facts
        self.checks = checks
        self.gauges = gauges
        self.transactions = transactions
    }
}
