package import Domain
internal import Foundation

/// Where a Redis server is, and who asks: `redis://[user:password@]host[:port][/database]`, `rediss://` over TLS.
package struct RedisAddress: Sendable, Equatable {
    let host: String
    let port: Int
    let user: String?
    let password: String?
    let database: Int
    let isSecure: Bool

    /// - Throws: `invalidInput`; the message does not repeat the text, which may hold a password.
    package init(_ text: String) throws(PlatformError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["redis", "rediss"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.query == nil, parts.fragment == nil, let database = Int(parts.path.isEmpty || parts.path == "/" ? "0" : String(parts.path.dropFirst())),
            (0..<1 << 16).contains(database), (1...65_535).contains(parts.port ?? 6379)
        else { throw PlatformError(.invalidInput, "MARTLET_REDIS: expected redis://[user:password@]host[:port][/database].") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 6379
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password
        self.database = database
        isSecure = scheme == "rediss"
    }

    /// What a connection says first.
    var greeting: [[String]] {
        var commands: [[String]] = []
        if let password { commands.append(["AUTH"] + (user.map { [$0] } ?? []) + [password]) }
        if database != 0 { commands.append(["SELECT", "\(database)"]) }
        return commands
    }
}
