import Domain
import Testing

@testable import Webhooks

@Suite("Addresses of webhooks")
struct WebhookAddressTests {
    @Test(
        "What is not public, in any spelling, is refused",
        arguments: [
            "http://127.0.0.1/", "http://localhost/", "http://localhost./", "http://[::1]/", "http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://0/",
            "http://169.254.169.254/latest", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::]/",
            "http://224.0.0.1/",
            "http://255.255.255.255/", "https://0177.0.0.1/", "http://[::127.0.0.1]/",
        ])
    func refused(url: String) {
        #expect(throws: PlatformError.self) { try WebhookAddress(url, allowing: []) }
    }

    @Test(
        "What is no plain address of a web server is refused",
        arguments: [
            "", "x", "file:///etc/passwd", "gopher://8.8.8.8/", "ftp://8.8.8.8/", "http://", "http:///x", "http://a@8.8.8.8/", "http://a:b@8.8.8.8/", "http://8.8.8.8/#x",
            "http://8.8.8.8/ x", "http://8.8.8.8/\r\nHost: x", "//8.8.8.8/", "http://no-such-name.invalid/", "http://8.8.8.8\\@127.0.0.1/",
        ])
    func malformed(url: String) {
        #expect(throws: PlatformError.self) { try WebhookAddress(url, allowing: [AddressRange("127.0.0.0/8")].compactMap(\.self)) }
    }

    @Test("Public addresses, and those that the operator allows")
    func allowed() throws {
        #expect(try WebhookAddress("https://8.8.8.8/hook?x=1", allowing: []).address == "8.8.8.8")
        #expect(try WebhookAddress("http://[2606:4700:4700::1111]:8080/", allowing: []).address == "2606:4700:4700::1111")
        let network = try #require(AddressRange("127.0.0.0/8"))
        #expect(try WebhookAddress("http://127.0.0.1:9/x", allowing: [network]).address == "127.0.0.1")
        #expect(throws: PlatformError.self) { try WebhookAddress("http://[::1]:9/x", allowing: [network]) }
    }
}
