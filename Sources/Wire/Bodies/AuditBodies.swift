package import Domain

/// Entries of the audit log.
package enum AuditBodies {
    package static func record(_ record: AuditRecord) -> JSONValue {
        let entry = record.entry
        return .object([
            "id": .string(record.id), "place": .int(record.place), "action": .string(entry.action), "resource_type": .string(entry.resourceType),
            "resource_id": .string(entry.resourceID), "user_id": ModelBodies.text(entry.userID?.rawValue), "ip_address": ModelBodies.text(entry.address),
            "request_id": ModelBodies.text(entry.requestID), "details": entry.details ?? .null, "seal": .string(record.seal),
            "created_at": .string(entry.at.description),
        ])
    }
}
