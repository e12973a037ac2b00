package import Access
package import Domain
package import Hummingbird
internal import Logging
internal import NIOCore

/// What a request carries with it.
package struct AppContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Given by the client as `X-Request-ID` when it is short and plain, else made here.
    package var requestID: String
    /// Where the caller is: the other end of the connection, or what a trusted proxy says.
    package var address: String?
    /// Whether a trusted proxy says that the client speaks TLS with it.
    var isEncrypted = false
    /// Who makes the request; nil on the few paths that anybody may take.
    package var caller: Principal?
    /// What is left of the caller's own limits.
    package var rate: RateState?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = ""
        address = source.channel.remoteAddress?.ipAddress
        caller = nil
    }

    /// - Throws: `unauthorized`.
    var principal: Principal {
        get throws {
            guard let caller else {
                throw PlatformError(.unauthorized, "An API key or access token is needed: 'Authorization: Bearer …' or 'X-API-Key: …'.")
            }
            return caller
        }
    }

    /// The path parameter `name` as an id.
    /// - Throws: `modelNotFound` or `notFound` when it cannot be one.
    func id<Subject: Identified>(_ name: String, _ noun: String, as type: Identifier<Subject>.Type = Identifier<Subject>.self) throws -> Identifier<Subject> {
        let text = parameters.get(name) ?? ""
        guard let id = Identifier<Subject>(text) else { throw PlatformError.notFound(noun, String(text.prefix(64))) }
        return id
    }
}
