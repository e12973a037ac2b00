internal import Domain
internal import Files
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOPosix

/// Answers with a stored file, whole or in part: RFC 9110 sections 13 and 14.
struct FileAnswer {
    private static let piece = 512 << 10
    let file: StoredFile
    /// Bytes.
    let size: Int
    /// SHA-256, hexadecimal; the strong ETag.
    let sha256: String
    /// What is said beside the file.
    let headers: HTTPFields
    /// Called when the last byte of the file has left.
    var onEnd: @Sendable () async -> Void = {}
    private let files = FileIO()

    init(_ file: StoredFile, size: Int, sha256: String, headers: HTTPFields, onEnd: @escaping @Sendable () async -> Void = {}) {
        self.file = file
        self.size = size
        self.sha256 = sha256
        self.headers = headers
        self.onEnd = onEnd
    }

    /// - Throws: `rangeNotSatisfiable`, `storageFailure`.
    func response(to request: Request, _ context: AppContext) async throws -> Response {
        let etag = "\"\(sha256)\""
        var headers = headers
        headers[.eTag] = etag
        headers[.acceptRanges] = "bytes"
        headers[.contentType] = "application/octet-stream"
        if request.headers[.ifNoneMatch].map({ $0 == "*" || $0.contains(etag) }) ?? false { return Response(status: .notModified, headers: headers) }
        let isFresh = request.headers[.ifRange].map { $0 == etag } ?? true
        guard let text = request.headers[.range], isFresh else { return try await response(.ok, 0..<size, request, headers, context) }
        guard let range = ByteRange.parse(text, size: size) else {
            throw PlatformError(
                .rangeNotSatisfiable, "The range '\(text.prefix(100))' does not lie in the file of \(size) bytes.", details: .object(["size_bytes": .int(size)]))
        }
        headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(size)"
        return try await response(.partialContent, range.lowerBound..<range.upperBound + 1, request, headers, context)
    }

    private func response(
        _ status: HTTPResponse.Status, _ range: Range<Int>, _ request: Request, _ headers: HTTPFields, _ context: AppContext
    ) async throws -> Response {
        var headers = headers
        headers[.contentLength] = "\(range.count)"
        guard request.method != .head else {
            return Response(status: status, headers: headers, body: ResponseBody(contentLength: range.count) { try await $0.finish(nil) })
        }
        let body = try await body(range, context)
        guard range.upperBound == size else { return Response(status: status, headers: headers, body: body) }
        let (onEnd, length) = (onEnd, range.count)
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: length) { writer in
                try await body.write(writer)
                await onEnd()
            })
    }

    /// The part of the file, read by pieces on a thread pool.
    private func body(_ range: Range<Int>, _ context: AppContext) async throws -> ResponseBody {
        let stored = file
        guard try await NIOThreadPool.singleton.runIfActive({ try stored.isSealed }) else {
            return try await files.loadFile(path: stored.path, range: range.lowerBound...range.upperBound - 1, context: context)
        }
        let bytes = try await NIOThreadPool.singleton.runIfActive { try stored.open() }
        return ResponseBody(contentLength: range.count) { writer in
            var piece = try await Self.piece(of: bytes, range)
            var rest = range.dropFirst(piece.readableBytes)
            while piece.readableBytes > 0 {
                // The next one is opened while this one leaves.
                let following = rest
                async let next = Self.piece(of: bytes, following)
                try await writer.write(piece)
                piece = try await next
                rest = rest.dropFirst(piece.readableBytes)
            }
            try await writer.finish(nil)
        }
    }

    private static func piece(of bytes: any RandomAccess, _ rest: Range<Int>) async throws -> ByteBuffer {
        let count = min(piece, rest.count)
        guard count > 0 else { return ByteBuffer() }
        return try await NIOThreadPool.singleton.runIfActive {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) {
                unsafe try bytes.read(at: Int64(rest.lowerBound), into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
            }
            return buffer
        }
    }
}
