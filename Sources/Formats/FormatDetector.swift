import Domain

/// Tells the format of a file from its content.
enum FormatDetector {
    enum Detection: Equatable {
        case format(ModelFormat, Compression?)
        /// A model format that we recognise and cannot serve.
        case unserved(String)
        case unknown
    }

    /// - Parameters:
    ///   - head: The first bytes of the file.
    ///   - inside: The first bytes after decompression; the same as `head` when there is none.
    static func detect(head: [UInt8], compression: Compression?, inside: [UInt8]) -> Detection {
        if compression != nil {
            return isPickle(inside) ? .format(.joblib, compression) : .unknown
        }
        if let name = unserved(head) { return .unserved(name) }
        if head.starts(with: Array("tree\nversion=".utf8)) { return .format(.lightgbmText, nil) }
        if isXGBoostUBJ(head) { return .format(.xgboostUBJ, nil) }
        if isXGBoostJSON(head) { return .format(.xgboostJSON, nil) }
        return isPickle(head) ? .format(.pickle, nil) : .unknown
    }

    /// Protocols 2 to 5 begin with PROTO; 0 and 1 with one of the opcodes that can open an object.
    private static func isPickle(_ head: [UInt8]) -> Bool {
        guard let first = head.first else { return false }
        if first == PickleOpcode.proto.rawValue { return head.count > 1 && (2...5).contains(head[1]) }
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
        head.first == UInt8(ascii: "{") && head.dropFirst().first == UInt8(ascii: "L")
            && contains(Array("learner".utf8), in: head.prefix(32))
    }

    private static func unserved(_ head: [UInt8]) -> String? {
        let magics: [(bytes: [UInt8], offset: Int, name: String)] = [
            ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], 0, "HDF5 (Keras .h5)"),
            ([0x50, 0x4b, 0x03, 0x04], 0, "a zip archive (PyTorch, Keras, SavedModel)"),
            (Array("TFL3".utf8), 4, "TFLite"),
            (Array("ftrt".utf8), 0, "a TensorRT engine"),
            ([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46], 0, "a legacy PyTorch file"),
            ([0x08], 0, "ONNX or another protobuf"),
        ]
        return magics.first { head.dropFirst($0.offset).starts(with: $0.bytes) }?.name
    }

    private static func contains(_ needle: [UInt8], in haystack: ArraySlice<UInt8>) -> Bool {
        haystack.indices.contains { haystack[$0...].starts(with: needle) }
    }
}
