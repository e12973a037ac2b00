package import Domain

/// What a clean-up did, or would do.
package enum CleanupBodies {
    package struct Request: Decodable, Sendable {
        package let dry_run: Bool?
        package let archived_days: Int?
        package let keep_versions: Int?
        package let unused_days: Int?
    }

    package static func report(_ items: [CleanupItem], isDryRun: Bool, graceSeconds: Int64) -> JSONValue {
        .object([
            "success": true, "dry_run": .bool(isDryRun), "total": .int(items.count), "reclaimed_bytes": .int(items.reduce(0) { $0 + $1.bytes }),
            "grace_seconds": .int(graceSeconds),
            "items": .array(
                items.map {
                    .object([
                        "action": .string($0.action.rawValue), "model_id": .string($0.modelID.rawValue), "name": .string($0.name),
                        "version_id": $0.versionID.map { .string($0.rawValue) } ?? .null, "version": $0.version.map { .string($0.description) } ?? .null,
                        "bytes": .int($0.bytes),
                    ])
                }),
        ])
    }
}
