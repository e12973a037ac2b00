import Domain
internal import Files

/// Tells what content is from its bytes.
enum FormatDetector {
    enum Kind: Equatable {
        case format(ModelFormat)
        case zip
        case tar
        case sevenZip
    }

    struct Content: Equatable {
        let kind: Kind
        let compression: Compression?
    }

    enum Detection: Equatable {
        case content(Content)
        /// A container that we recognise and do not open.
        case unsupported(String)
        case unknown
    }

    static func detect(_ bytes: any RandomAccess) throws -> Detection {
        let head = try bytes.bytes(at: 0, count: 512)
        if let compression = Compression(magic: head) {
            let inside = Array(try ByteReader(try DecompressingSource(SequentialSource(bytes), compression), limit: .max).peek(512))
            if TarArchive.matches(inside) { return content(.tar, compression) }
            return isPickle(inside) ? content(.format(.joblib), compression) : .unknown
        }
        if head.starts(with: ZipArchive.magic) { return content(.zip) }
        if TarArchive.matches(head) { return content(.tar) }
        if head.starts(with: SevenZipArchive.magic) { return content(.sevenZip) }
        if head.starts(with: Array("Rar!".utf8)) { return .unsupported("a RAR archive") }
        if let format = byMagic(head, bytes) { return content(.format(format)) }
        if isPickle(head) { return content(.format(try mentionsJoblib(bytes) ? .joblib : .pickle)) }
        if let format = byStructure(bytes) { return content(.format(format)) }
        if try hasUserBlock(bytes) { return content(.format(.kerasH5)) }
        return try endsAsPickle(bytes) ? content(.format(.pickle)) : .unknown
    }

    private static let hdf5Magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

    /// HDF5 may begin behind a block of the user's own, of 512 bytes or a doubling of it.
    private static func hasUserBlock(_ bytes: any RandomAccess) throws -> Bool {
        var offset: Int64 = 512
        while offset < bytes.count {
            if try bytes.bytes(at: offset, count: 8) == Self.hdf5Magic { return true }
            offset *= 2
        }
        return false
    }

    /// Any opcode may begin a pickle of the first protocols: what can be followed to a STOP is one, whatever comes behind.
    private static func endsAsPickle(_ bytes: any RandomAccess) throws -> Bool {
        let machine = PickleMachine(ByteReader(SequentialSource(bytes), limit: .max), limits: ScanLimits(fileSize: bytes.count), loader: .pickle)
        return (try? machine.run()) != nil
    }

    private static func content(_ kind: Kind, _ compression: Compression? = nil) -> Detection {
        .content(Content(kind: kind, compression: compression))
    }

    private static func byMagic(_ head: [UInt8], _ bytes: any RandomAccess) -> ModelFormat? {
        if head.starts(with: NumpyScanner.magic) { return .numpyArray }
        if head.starts(with: TorchScanner.legacyMagic) { return .torchLegacy }
        if head.starts(with: Self.hdf5Magic) { return .kerasH5 }
        if head.starts(with: CatBoostScanner.magic) { return .catboost }
        if EngineScanner.magics.contains(where: { head.starts(with: $0) }) { return .tensorRT }
        if head.starts(with: Array("tree\nversion=".utf8)) { return .lightgbmText }
        if isXGBoostUBJ(head) { return .xgboostUBJ }
        if isXGBoostJSON(head) { return .xgboostJSON }
        if TFLiteScanner.matches(head) { return .tflite }
        return SafetensorsScanner.matches(head, count: bytes.count) ? .safetensors : nil
    }

    /// Protobuf has no magic: its fields tell what it is.
    private static func byStructure(_ bytes: any RandomAccess) -> ModelFormat? {
        if OnnxScanner.matches(bytes) { return .onnx }
        return TensorFlowScanner.kind(bytes).map { $0 == .savedModel ? .savedModel : .tensorflowGraph }
    }

    /// Protocols 2 to 5 begin with PROTO; 0 and 1 with one of the opcodes that can open an object.
    private static func isPickle(_ head: [UInt8]) -> Bool {
        guard let first = head.first else { return false }
        if first == PickleOpcode.proto.rawValue { return head.count > 1 && (0...5).contains(head[1]) }
        let openers: [PickleOpcode] = [.mark, .global, .emptyDict, .emptyList, .emptyTuple]
        guard openers.contains(where: { $0.rawValue == first }) else { return false }
        return first != PickleOpcode.global.rawValue || head.contains(0x0a)
    }

    private static func isXGBoostJSON(_ head: [UInt8]) -> Bool {
        let text = head.filter { ![0x20, 0x0a, 0x0d, 0x09].contains($0) }
        return text.starts(with: Array("{\"learner\":".utf8)) || text.starts(with: Array("{\"version\":[".utf8))
    }

    /// Universal Binary JSON (https://ubjson.org): an object whose first key is `learner`.
    private static func isXGBoostUBJ(_ head: [UInt8]) -> Bool {
        let needle = Array("learner".utf8)
        return head.first == UInt8(ascii: "{") && head.dropFirst().first == UInt8(ascii: "L")
            && head.prefix(32).indices.contains { head[$0...].starts(with: needle) }
    }

    /// joblib and pickle begin alike. A file that names joblib's module anywhere is loaded with joblib, which loads plain
    /// pickles as well; a wrapper that hides its name and is loaded as a plain pickle fails the scan.
    private static func mentionsJoblib(_ bytes: any RandomAccess) throws -> Bool {
        let needle = Array("joblib.numpy_pickle".utf8)
        var offset: Int64 = 0
        while offset < bytes.count {
            let window = try bytes.bytes(at: offset, count: 1 << 20)
            var rest = window[...]
            while let place = rest.firstIndex(of: needle[0]) {
                if window[place...].starts(with: needle) { return true }
                rest = rest[(place + 1)...]
            }
            guard window.count > needle.count else { return false }
            offset += Int64(window.count - needle.count)
        }
        return false
    }
}
