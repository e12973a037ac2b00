/// A name that a file imports when it is loaded, and what let it through or not.
package struct ImportRecord: Sendable, Codable, Equatable {
    package enum Verdict: String, Sendable, Codable {
        case allowed
        /// Of a library we know, and not on the list.
        case refused
        /// Of a package we do not know: the uploader's own.
        case unknown
    }

    package let name: String
    package let verdict: Verdict
    /// The reason of the list's entry; nil when there is none.
    package let allowedAs: String?
    package let member: String?
    package let offset: Int

    package init(name: String, verdict: Verdict, allowedAs: String?, member: String?, offset: Int) {
        self.name = name
        self.verdict = verdict
        self.allowedAs = allowedAs
        self.member = member
        self.offset = offset
    }
}
