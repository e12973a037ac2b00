import Domain
import NIOCore
import Testing

@testable import Wire

@Suite("Reading forms")
struct MultipartReaderTests {
    private func read(_ body: [UInt8], pieces: Int, boundary: String = "B") throws -> [(name: String, filename: String?, content: [UInt8])] {
        var reader = try MultipartReader(contentType: "multipart/form-data; boundary=\"\(boundary)\"")
        var parts: [(name: String, filename: String?, content: [UInt8])] = []
        for start in stride(from: 0, to: body.count, by: pieces) {
            for event in try reader.read(ByteBuffer(bytes: body[start..<min(body.count, start + pieces)])) {
                switch event {
                case .begin(let header): parts.append((header.name, header.filename, []))
                case .data(let data): parts[parts.count - 1].content += Array(data.readableBytesView)
                case .end: break
                }
            }
        }
        try reader.finish()
        return parts
    }

    @Test("Parts come out whole, whatever the pieces and whatever looks like a boundary", arguments: [1, 2, 3, 7, 64, 100_000])
    func pieces(size: Int) throws {
        let tricky = Array("\r\n--\r\n--A\r\n-B--B\r--B\n--B\r\n\r\n--".utf8)
        var body = Array("preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8) + tricky
        body += Array("\r\n--B \r\ncontent-disposition: form-data; filename=\"x;\\\"y\\\".pkl\"; name=b\r\nContent-Type: text/plain\r\n\r\n\r\n--B--\r\nepilogue".utf8)
        let parts = try read(body, pieces: size)
        #expect(parts.map(\.name) == ["a", "b"])
        #expect(parts.map(\.filename) == [nil, "x;\"y\".pkl"])
        #expect(parts[0].content == tricky)
        #expect(parts[1].content == [])
    }

    @Test(
        "A broken form says so",
        arguments: [
            "", "--B", "--B\r\n\r\n\r\n--B--", "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--",
            "--Bx\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--", "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
        ]
    )
    func broken(body: String) {
        #expect(throws: PlatformError.self) { try read(Array(body.utf8), pieces: 10) }
    }

    @Test(
        "A content type without a usable boundary is refused",
        arguments: [nil, "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\(String(repeating: "b", count: 71))\""])
    func boundary(type: String?) {
        #expect(throws: PlatformError.self) { try MultipartReader(contentType: type) }
    }
}
