extension KeyScope {
    /// The scope as the API shows it and the database keeps it.
    package var document: JSONValue {
        .object([
            "permissions": permissions.map { .strings($0.names) } ?? .null,
            "models": models.map { .strings($0.map(\.rawValue).sorted()) } ?? .null,
            "versions": versions.map { .strings($0.map(\.rawValue).sorted()) } ?? .null,
            "aliases": aliases.map { .strings($0.sorted()) } ?? .null,
            "allowed_addresses": addresses.map { .strings($0.map(\.description)) } ?? .null,
            "requests_per_minute": requestsPerMinute.map { .int($0) } ?? .null,
            "concurrent_predictions": concurrentPredictions.map { .int($0) } ?? .null,
            "budgets": budgets.isEmpty ? .null : .array(budgets.map(\.document)),
        ])
    }

    /// Reads what ``document`` wrote. What cannot be read allows nothing.
    package init?(document: JSONValue) {
        guard case .object = document else { return nil }
        func texts(_ name: String) -> [String]? { document[name]?.arrayValue?.compactMap(\.stringValue) }
        self.init(
            permissions: texts("permissions").map { Permissions(names: $0) ?? [] },
            models: texts("models").map { Set($0.map(ModelID.init(stored:))) },
            versions: texts("versions").map { Set($0.map(VersionID.init(stored:))) },
            aliases: texts("aliases").map(Set.init),
            addresses: texts("allowed_addresses").map { $0.compactMap(AddressRange.init) },
            requestsPerMinute: document["requests_per_minute"]?.intValue, concurrentPredictions: document["concurrent_predictions"]?.intValue,
            budgets: (document["budgets"]?.arrayValue ?? []).map { KeyBudget(document: $0) ?? KeyBudget(unit: .predictions, period: .month, soft: nil, hard: 0) })
    }
}

extension KeyBudget {
    package var document: JSONValue {
        .object([
            "unit": .string(unit.rawValue), "period": .string(period.rawValue), "soft": soft.map { .int($0) } ?? .null, "hard": hard.map { .int($0) } ?? .null,
        ])
    }

    init?(document: JSONValue) {
        guard let unit = document["unit"]?.stringValue.flatMap(Unit.init), let period = document["period"]?.stringValue.flatMap(Period.init) else { return nil }
        self.init(unit: unit, period: period, soft: document["soft"]?.intValue, hard: document["hard"]?.intValue)
    }
}
