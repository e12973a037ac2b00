package import Domain

/// Reads a model file as untrusted bytes: what it is, what it tells about itself, and what is wrong with it.
///
/// Never runs anything of the file, and never calls a file clean that it could not read to the end.
/// Blocks and computes: call it on a thread pool.
package struct ArtifactScanner: Sendable {
    package init() {}

    /// Tells the format from the first bytes only.
    /// - Throws: `unsupportedFormat` with the supported formats when it is none that can be served.
    package func detect(path: String) throws -> ModelFormat {
        try detection(path).format
    }

    /// Reads the whole file.
    /// - Parameter fileSize: Bytes; decides how far content may expand.
    /// - Throws: `unsupportedFormat`. A file that cannot be read to its end is not an error but a critical finding.
    package func scan(path: String, fileSize: Int64) throws -> ScannedArtifact {
        let (format, compression) = try detection(path)
        switch format {
        case .pickle, .joblib:
            return try PickleScanner(limits: ScanLimits(fileSize: fileSize)).scan(path: path, format: format, compression: compression)
        case .xgboostJSON, .xgboostUBJ:
            return try XGBoostScanner().scan(path: path, format: format)
        case .lightgbmText:
            return try LightGBMScanner().scan(path: path)
        }
    }

    private func detection(_ path: String) throws -> (format: ModelFormat, compression: Compression?) {
        let detected: FormatDetector.Detection
        do {
            let head = Array(try ByteReader(try FileSource(path: path), limit: .max).peek(512))
            let compression = Compression(magic: head)
            let inside = try compression.map { kind in
                Array(try ByteReader(try DecompressingSource(try FileSource(path: path), kind), limit: .max).peek(512))
            }
            detected = FormatDetector.detect(head: head, compression: compression, inside: inside ?? head)
        } catch is ReadFault, is CodecFault {
            throw unsupported("a compressed file that is damaged")
        }
        switch detected {
        case .format(.pickle, nil): return (try mentionsJoblib(path) ? .joblib : .pickle, nil)
        case .format(let format, let compression): return (format, compression)
        case .unserved(let name): throw unsupported(name)
        case .unknown: throw unsupported("content of no known model format")
        }
    }

    /// joblib and pickle begin alike. A file that names joblib's module anywhere is loaded with joblib, which loads plain
    /// pickles as well; a wrapper that hides its name and is loaded as a plain pickle fails the scan.
    private func mentionsJoblib(_ path: String) throws -> Bool {
        let needle = Array("joblib.numpy_pickle".utf8)
        let source = try FileSource(path: path)
        var window = [UInt8](repeating: 0, count: 1 << 20)
        var kept = 0
        while true {
            let count = try unsafe window.withUnsafeMutableBytes { bytes in
                unsafe try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]))
            }
            guard count > 0 else { return false }
            let end = kept + count
            var rest = window[..<end]
            while let place = rest.firstIndex(of: needle[0]) {
                if window[place..<end].starts(with: needle) { return true }
                rest = rest[(place + 1)...]
            }
            kept = min(end, needle.count - 1)
            window.replaceSubrange(0..<kept, with: Array(window[(end - kept)..<end]))
        }
    }

    private func unsupported(_ found: String) -> PlatformError {
        PlatformError(
            .unsupportedFormat,
            "Expected a model file in a supported format, found \(found).",
            details: .object(["supported_formats": .strings(ModelFormat.supportedExtensions), "found": .string(found)])
        )
    }
}
