/// What an identifier names; the prefix makes an id readable in a log and refuses the wrong kind early.
package protocol Identified {
    static var idPrefix: String { get }
}

/// An id of our own: a prefix and 16 characters that sort by time of creation.
///
/// 10 characters of Crockford base 32 hold the milliseconds since 1970, 6 are random, as in a ULID
/// (https://github.com/ulid/spec) cut to 80 bits.
package struct Identifier<Subject: Identified>: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let rawValue: String

    /// Makes a new id for a thing created at `now`.
    package init(at now: Timestamp) {
        var random = RandomBits()
        rawValue = Subject.idPrefix + Self.characters(Self.time(now) << 30 | UInt128(random.next() >> 34), count: 16)
    }

    /// What no id of a moment or later sorts before, and every earlier one does.
    package static func floor(at moment: Timestamp) -> String { Subject.idPrefix + characters(time(moment), count: 10) }

    private static func time(_ moment: Timestamp) -> UInt128 { UInt128(UInt64(clamping: moment.milliseconds) & (1 << 50 - 1)) }

    private static func characters(_ bits: UInt128, count: Int) -> String {
        unsafe String(unsafeUninitializedCapacity: count) { buffer in
            var rest = bits
            for place in (0..<count).reversed() {
                unsafe buffer.initializeElement(at: place, to: alphabet[Int(truncatingIfNeeded: rest & 31)])
                rest >>= 5
            }
            return count
        }
    }

    /// Reads an id from outside; nil unless it has the prefix and 16 characters of the alphabet.
    package init?(_ text: some StringProtocol) {
        let utf8 = text.utf8
        guard utf8.count == Subject.idPrefix.utf8.count + 16, utf8.starts(with: Subject.idPrefix.utf8),
            utf8.dropFirst(Subject.idPrefix.utf8.count).allSatisfy(isCrockford)
        else { return nil }
        rawValue = String(text)
    }

    /// Trusts a text that came out of the database.
    package init(stored text: String) {
        rawValue = text
    }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    private static var alphabet: [UInt8] { crockfordBase32 }
}

private let crockfordBase32 = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

/// Digits, and small letters but for i, l, o and u.
private func isCrockford(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39: true
    case 0x61...0x7a: byte != 0x69 && byte != 0x6c && byte != 0x6f && byte != 0x75
    default: false
    }
}

package typealias ModelID = Identifier<Model>
package typealias VersionID = Identifier<ModelVersion>
package typealias ValidationID = Identifier<Validation>
package typealias APIID = Identifier<ModelAPI>
package typealias TaskID = Identifier<PlatformTask>
package typealias KeyID = Identifier<APIKey>
package typealias UserID = Identifier<User>
package typealias SessionID = Identifier<Session>
package typealias GroupID = Identifier<Group>
package typealias InvitationID = Identifier<Invitation>
package typealias GrantID = Identifier<ModelGrant>
package typealias PromotionID = Identifier<Promotion>
package typealias UploadID = Identifier<ResumableUpload>
package typealias NotificationID = Identifier<Notification>
package typealias WebhookID = Identifier<Webhook>
package typealias DeliveryID = Identifier<WebhookDelivery>
package typealias ReportID = Identifier<ModelReport>
