/// `major.minor.patch` of https://semver.org, each part at most 999,999; no pre-release part.
package struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int
    package let patch: Int

    package static let first = SemanticVersion(major: 1, minor: 0, patch: 0)

    package init(major: Int, minor: Int, patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard !part.isEmpty, part.utf8.count <= 6, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part == "0" || !part.hasPrefix("0"), let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        self.init(major: numbers[0], minor: numbers[1], patch: numbers[2])
    }

    /// The version that follows when the uploader names none: the next minor one.
    package var nextMinor: SemanticVersion { SemanticVersion(major: major, minor: minor + 1, patch: 0) }

    package var description: String { "\(major).\(minor).\(patch)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension SemanticVersion {
    /// Reads what ``short`` writes, and the whole form, with or without a `v`.
    package init?(short text: some StringProtocol) {
        let plain = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false).count
        self.init(String(plain) + (parts == 2 ? ".0" : ""))
    }

    /// `v2.1`; the last part is left out where it is 0.
    package var short: String { "v\(major).\(minor)" + (patch == 0 ? "" : ".\(patch)") }

    package var nextMajor: SemanticVersion { SemanticVersion(major: major + 1, minor: 0, patch: 0) }
}
