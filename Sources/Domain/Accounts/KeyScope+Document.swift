extension KeyScope {
    /// The scope as the API shows it and the database keeps it.
    package var document: JSONValue {
        .object([
            "permissions": permissions.map { .strings($0.names) } ?? .null,
            "models": models.map { .strings($0.map(\.rawValue).sorted()) } ?? .null,
            "versions": versions.map { .strings($0.map(\.rawValue).sorted()) } ?? .null,
            "allowed_addresses": addresses.map { .strings($0.map(\.description)) } ?? .null,
            "requests_per_minute": requestsPerMinute.map { .int($0) } ?? .null,
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
            addresses: texts("allowed_addresses").map { $0.compactMap(AddressRange.init) },
            requestsPerMinute: document["requests_per_minute"]?.intValue)
    }
}
