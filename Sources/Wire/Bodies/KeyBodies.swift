package import Domain

/// Bodies of API keys.
package enum KeyBodies {
    package struct New: Decodable, Sendable {
        package let name: String
        package let expires_in_days: Int?
        package let scope: Scope?
    }

    package struct Change: Decodable, Sendable {
        package let name: String
    }

    package struct Scope: Decodable, Sendable {
        package let permissions: [String]?
        package let models: [String]?
        package let versions: [String]?
        package let aliases: [String]?
        package let allowed_addresses: [String]?
        package let requests_per_minute: Int?
        package let concurrent_predictions: Int?
        package let budgets: [Budget]?

        /// - Throws: `schemaViolation` naming each fault.
        package func read() throws(PlatformError) -> KeyScope {
            var faults: [FieldFault] = []
            func list<Element>(_ name: String, _ texts: [String]?, _ expected: String, _ make: (String) -> Element?) -> [Element]? {
                guard let texts else { return nil }
                let made = texts.compactMap(make)
                if made.count != texts.count || texts.isEmpty || texts.count > 1000 {
                    faults.append(FieldFault(pointer: "/scope/\(name)", message: "expected 1 to 1000 \(expected)"))
                }
                return made
            }
            let permissions = list("permissions", permissions, "of \(Permissions.all.names.joined(separator: ", "))") { Permissions(names: [$0]) }
            let scope = KeyScope(
                permissions: permissions.map { Permissions($0) },
                models: list("models", models, "model ids") { ModelID($0) }.map(Set.init),
                versions: list("versions", versions, "version ids") { VersionID($0) }.map(Set.init),
                aliases: list("aliases", aliases, "names of versions") { ModelAlias.isName($0) ? $0 : nil }.map(Set.init),
                addresses: list("allowed_addresses", allowed_addresses, "addresses or networks (10.0.0.0/8)") { AddressRange($0) },
                requestsPerMinute: requests_per_minute, concurrentPredictions: concurrent_predictions,
                budgets: (budgets ?? []).enumerated().compactMap { $1.read(at: "/scope/budgets/\($0)", &faults) })
            if let limit = requests_per_minute, !(1...1_000_000).contains(limit) {
                faults.append(FieldFault(pointer: "/scope/requests_per_minute", message: "expected 1 to 1000000"))
            }
            if let limit = concurrent_predictions, !(1...100_000).contains(limit) {
                faults.append(FieldFault(pointer: "/scope/concurrent_predictions", message: "expected 1 to 100000"))
            }
            if (budgets ?? []).count > 16 { faults.append(FieldFault(pointer: "/scope/budgets", message: "expected at most 16")) }
            guard faults.isEmpty else { throw PlatformError.fields(faults) }
            return scope
        }
    }

    package struct Budget: Decodable, Sendable {
        package let unit: String
        package let period: String
        package let soft: Int?
        package let hard: Int?

        fileprivate func read(at pointer: String, _ faults: inout [FieldFault]) -> KeyBudget? {
            let before = faults.count
            func expect(_ isGood: Bool, _ name: String, _ expected: String) {
                if !isGood { faults.append(FieldFault(pointer: pointer + name, message: "expected \(expected)")) }
            }
            let range = 1...1_000_000_000_000
            let (unit, period) = (KeyBudget.Unit(rawValue: unit), KeyBudget.Period(rawValue: period))
            expect(unit != nil, "/unit", "predictions or compute_ms")
            expect(period != nil, "/period", "day or month")
            expect(soft != nil || hard != nil, "", "a soft or a hard limit")
            expect(soft.map(range.contains) ?? true, "/soft", "1 to \(range.upperBound)")
            expect(hard.map(range.contains) ?? true, "/hard", "1 to \(range.upperBound)")
            expect(soft.flatMap { soft in hard.map { soft <= $0 } } ?? true, "/soft", "no more than the hard limit")
            guard let unit, let period, faults.count == before else { return nil }
            return KeyBudget(unit: unit, period: period, soft: soft, hard: hard)
        }
    }

    /// A budget, and what is used of it.
    package static func budget(_ budget: KeyBudget, used: Int, resetsAt: Timestamp) -> JSONValue {
        .object([
            "unit": .string(budget.unit.rawValue), "period": .string(budget.period.rawValue), "soft": budget.soft.map { .int($0) } ?? .null,
            "hard": budget.hard.map { .int($0) } ?? .null, "used": .int(used), "resets_at": .string(resetsAt.description),
        ])
    }

    /// - Parameter secret: Only in the answer that made the key.
    package static func key(_ key: APIKey, secret: String? = nil) -> JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(key.id.rawValue), "name": .string(key.name), "hint": .string("\(key.hint)…"), "is_active": .bool(key.isActive),
            "scope": key.scope?.document ?? .null, "expires_at": key.expiresAt.map { .string($0.description) } ?? .null,
            "created_at": .string(key.createdAt.description), "last_used_at": key.lastUsedAt.map { .string($0.description) } ?? .null,
        ]
        if let secret { object["key"] = .string(secret) }
        return .object(object)
    }
}
