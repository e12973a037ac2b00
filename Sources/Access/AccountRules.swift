internal import Domain

/// Who may make an account.
package enum RegistrationPolicy: String, Sendable, CaseIterable {
    case open
    /// With a token that somebody who manages users made.
    case invitation
    case closed
}

/// What emails, names and passwords must be like.
enum AccountRules {
    static func faults(email: String? = nil, username: String? = nil, password: String? = nil) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let email, !isEmail(email) { faults.append(FieldFault(pointer: "/email", message: "expected an email address")) }
        if let username, !isName(username) {
            faults.append(FieldFault(pointer: "/username", message: "expected 1 to 64 characters, no line breaks, and not beginning with 'closed:'"))
        }
        if let password, !(10...256).contains(password.utf8.count) {
            faults.append(FieldFault(pointer: "/password", message: "expected 10 to 256 bytes"))
        }
        return faults
    }

    static func require(_ faults: [FieldFault]) throws {
        guard faults.isEmpty else { throw PlatformError.fields(faults) }
    }

    private static func isName(_ text: String) -> Bool {
        text.isLine(upTo: 64) && !text.hasPrefix("closed:")
    }

    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && text.utf8.count <= 254
            && !text.unicodeScalars.contains { $0.properties.isWhitespace || $0.properties.generalCategory == .control } && !parts[1].hasPrefix(".")
            && !parts[1].hasSuffix(".")
    }
}
