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
        let time = Self.characters(UInt64(clamping: now.milliseconds), from: 45)
        rawValue = Subject.idPrefix + String(decoding: time + Self.characters(.random(in: .min ... .max), from: 25), as: UTF8.self)
    }

    /// What no id of a moment or later sorts before, and every earlier one does.
    package static func floor(at moment: Timestamp) -> String {
        Subject.idPrefix + String(decoding: characters(UInt64(clamping: moment.milliseconds), from: 45), as: UTF8.self)
    }

    private static func characters(_ bits: UInt64, from highest: Int) -> [UInt8] {
        stride(from: highest, through: 0, by: -5).map { alphabet[Int((bits >> UInt64($0)) & 31)] }
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
