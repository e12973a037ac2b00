internal import Crypto
package import Domain
internal import Foundation

/// The secrets that webhooks are signed with. They are made from a key of the server's, so that none of them is stored.
///
/// Form and signature: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
package struct WebhookSecrets: Sendable {
    private let key: SymmetricKey

    package init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// `whsec_…`
    package func secret(of webhook: Webhook) -> String { "whsec_" + Data(bytes(of: webhook)).base64EncodedString() }

    /// The value of `webhook-signature`.
    func signature(of payload: String, id: DeliveryID, seconds: Int64, for webhook: Webhook) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(seconds).\(payload)".utf8), using: SymmetricKey(data: bytes(of: webhook)))
        return "v1," + Data(code).base64EncodedString()
    }

    private func bytes(of webhook: Webhook) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(webhook.id) \(webhook.secretNumber)".utf8), using: key))
    }
}
