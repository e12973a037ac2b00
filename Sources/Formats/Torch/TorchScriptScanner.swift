internal import Files

/// Reads the code of a TorchScript archive: a small Python-like language whose every call is an operator.
///
/// `torch.name(…)` and `ops.namespace.name(…)` are looked at; what is no operator cannot be called in the language.
struct TorchScriptScanner {
    private static let namespaces: Set<String> = [
        "aten", "prim", "prims", "quantized", "torchvision", "_quantized", "sparse", "mkldnn", "mkldnn_prepacked", "xnnpack", "image", "static_runtime",
        "internal", "inductor", "torchaudio", "torchtext", "onednn", "metal", "vulkan_prepack",
    ]
    private static let dangerous: Set<String> = ["from_file", "save", "load", "_save_parameters", "read_file", "write_file", "decode_video", "warn_file"]

    func read(_ subject: ScanSubject, _ session: ScanSession) throws {
        guard subject.bytes.count <= 64 << 20 else { throw ReadFault.limit("code of \(subject.bytes.count) bytes", at: 0) }
        let code = try subject.bytes.exactly(Int(subject.bytes.count), at: 0)
        var seen: Set<String> = []
        for (path, offset) in Self.dottedNames(code) where seen.insert(path).inserted {
            let parts = path.split(separator: ".").map(String.init)
            guard parts.count >= 2 else { continue }
            if parts[0] == "ops", parts.count >= 3 {
                if !Self.namespaces.contains(parts[1]) { session.add(.torchScriptNamespace, path, at: offset, in: subject) }
                if Self.dangerous.contains(parts[2]) { session.add(.torchScriptOperator, path, at: offset, in: subject) }
            } else if parts[0] == "torch", Self.dangerous.contains(parts[1]) {
                session.add(.torchScriptOperator, path, at: offset, in: subject)
            }
        }
    }

    /// `a.b.c` outside of strings and comments, with the place where each begins.
    static func dottedNames(_ code: [UInt8]) -> [(path: String, offset: Int64)] {
        var names: [(String, Int64)] = []
        var place = 0
        while place < code.count {
            let byte = code[place]
            if byte == UInt8(ascii: "#") {
                place = code[place...].firstIndex(of: 0x0a) ?? code.count
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                place = endOfString(code, from: place)
            } else if isName(byte) {
                let start = place
                while place < code.count, isName(code[place]) || code[place] == UInt8(ascii: ".") { place += 1 }
                names.append((String(decoding: code[start..<place], as: UTF8.self), Int64(start)))
            } else {
                place += 1
            }
        }
        return names
    }

    private static func endOfString(_ code: [UInt8], from start: Int) -> Int {
        let quote = code[start]
        var place = start + 1
        while place < code.count, code[place] != quote { place += code[place] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(place + 1, code.count)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f || byte >= 0x80
    }
}
