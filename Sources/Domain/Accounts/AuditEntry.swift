/// One change, or one refused attempt: who did what to which thing.
package struct AuditEntry: Sendable {
    package let action: String
    package let resourceType: String
    package let resourceID: String
    package let userID: UserID?
    package let address: String?
    package let requestID: String?
    package let details: JSONValue?
    package let at: Timestamp

    /// An entry of now, from the request that is being answered.
    package init(action: String, resourceType: String, resourceID: String, userID: UserID?, details: JSONValue? = nil, at: Timestamp) {
        let origin = RequestOrigin.current
        self.init(
            action: action, resourceType: resourceType, resourceID: resourceID, userID: userID, details: details, address: origin?.address,
            requestID: origin?.requestID, at: at)
    }

    package init(
        action: String, resourceType: String, resourceID: String, userID: UserID?, details: JSONValue?, address: String?, requestID: String?, at: Timestamp
    ) {
        self.action = action
        self.resourceType = resourceType
        self.resourceID = resourceID
        self.userID = userID
        self.address = address
        self.requestID = requestID
        self.details = details
        self.at = at
    }
}

extension AuditEntry {
    /// What changed, before and after, for the details of an entry.
    package static func difference(_ before: [String: JSONValue], _ after: [String: JSONValue]) -> [String: JSONValue] {
        let changed = after.filter { before[$0.key] != $0.value }
        return ["before": .object(before.filter { changed[$0.key] != nil }), "after": .object(changed)]
    }
}

/// An entry in its place in the log.
package struct AuditRecord: Sendable {
    /// Counts from 1, without gaps.
    package let place: Int64
    package let id: String
    package let entry: AuditEntry
    /// Seals the entry to the one before, hexadecimal.
    package let seal: String

    package init(place: Int64, id: String, entry: AuditEntry, seal: String) {
        self.place = place
        self.id = id
        self.entry = entry
        self.seal = seal
    }
}

/// Which entries are wanted, newest first.
package struct AuditQuery: Sendable {
    package var userID: UserID?
    package var action: String?
    package var resourceType: String?
    package var resourceID: String?
    package var since: Timestamp?
    package var until: Timestamp?
    /// Only places before this one.
    package var before: Int64?
    /// 1 to 1000.
    package var limit = 50

    package init() {}
}

/// Where a check of the audit log ended.
package enum AuditVerdict: Sendable, Equatable {
    /// Everything from the first entry kept to the last is as it was written.
    case whole(entries: Int, last: Int64, seal: String)
    /// The first thing that is wrong.
    case broken(place: Int64, reason: String)
}
