package import Domain

/// Who a request comes from when proxies stand in between.
///
/// `X-Forwarded-For` is read from its end, and only as far as addresses are trusted: what stands before the first one that is not was
/// written by anybody. https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
package struct TrustedProxies: Sendable {
    private let ranges: [AddressRange]

    package init(_ ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// - Parameters:
    ///   - peer: The address at the other end of the connection.
    ///   - forwarded: All values of `X-Forwarded-For`, joined by commas.
    package func client(peer: String?, forwarded: String?) -> String? {
        guard !ranges.isEmpty, let peer, isTrusted(peer), let forwarded else { return peer }
        var client = peer
        for hop in forwarded.split(separator: ",").reversed() {
            let address = hop.drop { $0 == " " }.prefix { $0 != " " }
            guard AddressRange(String(address)) != nil else { break }
            client = String(address)
            guard isTrusted(client) else { break }
        }
        return client
    }

    /// Whether the client's own connection is encrypted, as far as a trusted proxy says.
    /// - Parameter scheme: `X-Forwarded-Proto`: `https`, or a list of hops that begins with the client's.
    package func isEncrypted(peer: String?, scheme: String?) -> Bool {
        guard let peer, let scheme, isTrusted(peer) else { return false }
        return scheme.split(separator: ",").first?.drop { $0 == " " }.lowercased() == "https"
    }

    private func isTrusted(_ address: String) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
