package import Domain
internal import Foundation
internal import Glibc
internal import NIOPosix

/// Where a webhook may be: on the public Internet, and in networks that the operator named.
///
/// A name is resolved here, every address that it has is looked at, and the connection goes to one of these addresses: a name that changes
/// its address between the look and the call leads nowhere else. https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
package struct WebhookAddress: Sendable {
    /// As it stands in the URL.
    package let host: String
    /// The address to connect to.
    package let address: String

    /// Special-purpose addresses that are not for the public: https://www.iana.org/assignments/iana-ipv4-special-registry/ and
    /// https://www.iana.org/assignments/iana-ipv6-special-registry/.
    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
        "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    ].compactMap(AddressRange.init)
    /// Of IPv6 only global unicast is public, without what stands in it for other networks (6to4, Teredo, documentation, benchmarks).
    private static let global = AddressRange("2000::/3")
    private static let specialInGlobal = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].compactMap(AddressRange.init)

    /// Names of strangers are resolved on threads of their own: a name server that does not answer holds nobody else up.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()

    /// The address of a URL, resolved now.
    /// - Throws: as ``init(_:allowing:)``.
    package static func resolved(_ url: String, allowing allowed: [AddressRange]) async throws -> WebhookAddress {
        try await threads.runIfActive { try WebhookAddress(url, allowing: allowed) }
    }

    /// Blocks while a name is resolved: call it on a thread pool.
    /// - Parameter allowed: Networks that are called although they are not public.
    /// - Throws: `schemaViolation` naming `/url`.
    package init(_ url: String, allowing allowed: [AddressRange]) throws {
        host = try Self.host(of: url)
        let addresses = try Self.resolve(host)
        let refused = addresses.first { address in !Self.isPublic(address) && !allowed.contains { $0.contains(address) } }
        guard refused == nil, let first = addresses.first else {
            throw PlatformError.field("/url", "expected an address on the public Internet; the operator can allow others with MARTLET_WEBHOOK_NETWORKS")
        }
        address = first
    }

    /// - Throws: `schemaViolation` for what is no plain address of a web server.
    private static func host(of url: String) throws -> String {
        guard url.utf8.count <= 2000, url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let parts = URLComponents(string: url),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { throw PlatformError.field("/url", "expected an address that begins with http:// or https://") }
        guard parts.user == nil, parts.password == nil, parts.fragment == nil else {
            throw PlatformError.field("/url", "expected an address without user, password or fragment")
        }
        return host
    }

    private static func resolve(_ host: String) throws -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard unsafe getaddrinfo(bare, nil, &hints, &found) == 0, let first = unsafe found else {
            throw PlatformError.field("/url", "the name '\(host.prefix(100))' has no address")
        }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [String] = []
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let entry = unsafe next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = unsafe getnameinfo(entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if status == 0 { addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    /// - Parameter address: Of IPv4, or of IPv6 with or without an IPv4 address in it.
    static func isPublic(_ address: String) -> Bool {
        if special.contains(where: { $0.contains(address) }) { return false }
        guard address.contains(":") else { return true }
        if address.lowercased().hasPrefix("::ffff:"), address.contains(".") { return true }
        return global?.contains(address) == true && !specialInGlobal.contains { $0.contains(address) }
    }
}
