package import Domain

/// Bodies that change a model or its API.
package enum ChangeBodies {
    package struct Model: Decodable, Sendable {
        package let name: String?
        package let description: String?
        package let category: String?
        package let tags: [String]?
        package let is_public: Bool?
        package let allow_anonymous: Bool?
        package let allowed_addresses: [String]?
        package let status: String?
        package let needs_approval: Bool?
        package let history: History?

        /// - Throws: `schemaViolation` naming each fault.
        package func check() throws(PlatformError) {
            var faults: [FieldFault] = []
            if let name, !name.isLine(upTo: 255) { faults.append(FieldFault(pointer: "/name", message: "expected 1 to 255 characters in one line")) }
            if let description, description.count > 10_000 { faults.append(FieldFault(pointer: "/description", message: "expected at most 10000 characters")) }
            if let category, category.count > 100 { faults.append(FieldFault(pointer: "/category", message: "expected at most 100 characters")) }
            if let tags, tags.count > 50 || tags.contains(where: { !$0.isLine(upTo: 50) }) {
                faults.append(FieldFault(pointer: "/tags", message: "expected at most 50 tags of 1 to 50 characters"))
            }
            if let list = allowed_addresses, list.count > 1000 || list.contains(where: { AddressRange($0) == nil }) {
                faults.append(FieldFault(pointer: "/allowed_addresses", message: "expected at most 1000 addresses or networks (10.0.0.0/8)"))
            }
            if let status, !["active", "deprecated", "archived"].contains(status) {
                faults.append(FieldFault(pointer: "/status", message: "expected active, deprecated or archived"))
            }
            if let history { faults += history.faults }
            guard faults.isEmpty else { throw PlatformError.fields(faults) }
        }
    }

    /// What of inputs and outputs is kept: `none`, `all`, or `sampled` with a share of calls.
    package struct History: Decodable, Sendable {
        package let keep: String
        package let sample_rate: Double?
        package let retention_days: Int?

        fileprivate var faults: [FieldFault] {
            var faults: [FieldFault] = []
            if !["none", "sampled", "all"].contains(keep) { faults.append(FieldFault(pointer: "/history/keep", message: "expected none, sampled or all")) }
            if keep == "sampled", !(sample_rate.map { $0 > 0 && $0 < 1 } ?? false) {
                faults.append(FieldFault(pointer: "/history/sample_rate", message: "expected a number above 0 and below 1"))
            }
            if let days = retention_days, !(1...3650).contains(days) {
                faults.append(FieldFault(pointer: "/history/retention_days", message: "expected 1 to 3650"))
            }
            return faults
        }

        /// The policy, once it was checked.
        package var policy: HistoryPolicy {
            HistoryPolicy(rate: keep == "all" ? 1 : keep == "sampled" ? sample_rate ?? 0 : 0, days: retention_days ?? HistoryPolicy().days)
        }
    }

    package struct API: Decodable, Sendable {
        /// What already has a meaning below a model.
        private static let taken: Set<String> = [
            "card", "docs", "fork", "generate-api", "logs", "permissions", "ratings", "reports", "validate", "validations", "versions",
        ]

        package let endpoint_path: String?
        package let rate_limit_per_minute: Int?
        package let async: Bool?

        /// - Throws: `schemaViolation` naming each fault.
        package func check() throws(PlatformError) {
            var faults: [FieldFault] = []
            if let path = endpoint_path, !Self.isEndpoint(path) {
                faults.append(
                    FieldFault(
                        pointer: "/endpoint_path",
                        message: "expected a slash and 1 to 64 of a-z, 0-9, - and _, and none of the model's own paths (\(Self.taken.sorted().joined(separator: ", ")))"
                    )
                )
            }
            if let limit = rate_limit_per_minute, !(1...1_000_000).contains(limit) {
                faults.append(FieldFault(pointer: "/rate_limit_per_minute", message: "expected 1 to 1000000"))
            }
            guard faults.isEmpty else { throw PlatformError.fields(faults) }
        }

        private static func isEndpoint(_ path: String) -> Bool {
            let name = path.dropFirst()
            let isPlain = name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
            return path.hasPrefix("/") && (1...64).contains(name.utf8.count) && isPlain && !taken.contains(String(name))
        }
    }
}
