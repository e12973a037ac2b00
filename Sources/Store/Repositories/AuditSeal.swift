internal import Crypto
import Domain

/// Seals entries of the audit log to each other: HMAC-SHA256 (RFC 2104) over the seal before and every field of the entry, with a key that
/// is kept outside of the database. Who can write the database alone cannot make a seal that fits.
struct AuditSeal: Sendable {
    /// What the first entry is sealed to.
    static let start = ""
    private let key: SymmetricKey

    init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    func seal(place: Int64, id: String, _ entry: AuditEntry, details: String?, after previous: String) -> String {
        var code = HMAC<SHA256>(key: key)
        let fields: [String?] = [
            previous, String(place), id, entry.action, entry.resourceType, entry.resourceID, entry.userID?.rawValue, entry.address, entry.requestID, details,
            String(entry.at.milliseconds),
        ]
        // Each field with its length, so that no two entries give the same bytes.
        for field in fields {
            code.update(data: Array((field.map { "\($0.utf8.count):\($0)" } ?? "-;").utf8))
        }
        return Array(code.finalize()).hexadecimal
    }

    /// Seals an end of the log, so that it cannot be moved.
    func seal(end name: String, place: Int64, _ seal: String) -> String {
        Array(HMAC<SHA256>.authenticationCode(for: Array("\(name) \(place) \(seal)".utf8), using: key)).hexadecimal
    }
}
