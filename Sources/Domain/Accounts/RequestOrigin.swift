/// Where a change came from; every audit entry made while a request is answered carries it.
package struct RequestOrigin: Sendable {
    /// The address at the other end of the connection.
    package let address: String?
    package let requestID: String

    /// The request that is being answered; nil in work that no request waits for.
    @TaskLocal package static var current: RequestOrigin?

    package init(address: String?, requestID: String) {
        self.address = address
        self.requestID = requestID
    }
}
