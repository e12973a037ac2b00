import Domain
internal import Files
internal import JSON

/// Reads safetensors: the length of a JSON header, the header, then tensors without gaps or overlaps.
/// https://huggingface.co/docs/safetensors/index#format
struct SafetensorsScanner {
    private static let maximumHeader: UInt64 = 100 << 20

    /// Whether the content begins as the format does.
    static func matches(_ head: [UInt8], count: Int64) -> Bool {
        guard head.count > 9, head[8] == UInt8(ascii: "{") else { return false }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(head[$1]) << UInt64($1 * 8) }
        return length >= 2 && length <= maximumHeader && length <= UInt64(count) - 8
    }

    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        let length = try subject.bytes.exactly(8, at: 0).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
        guard length <= Self.maximumHeader else { throw ReadFault.limit("a header of \(length) bytes", at: 0) }
        let header = Header(try subject.bytes.exactly(Int(length), at: 8))
        let data = subject.bytes.count - 8 - Int64(length)
        if let fault = header.fault { session.add(.safetensorsHeader, fault, at: 8, in: subject) }
        judgeRanges(header.tensors, data, subject, session)
        var facts = ArtifactFacts()
        facts.framework = "safetensors"
        facts.inputs = header.tensors.prefix(1000).map { TensorFact(name: $0.name, datatype: $0.datatype, shape: $0.shape.map { $0 }) }
        facts.parameterCount = header.tensors.reduce(0) { $0 &+ ($1.elements ?? 0) }
        facts.arrayBytes = Int(clamping: data)
        return facts
    }

    private func judgeRanges(_ tensors: [Tensor], _ data: Int64, _ subject: ScanSubject, _ session: ScanSession) {
        var end: Int64 = 0
        for tensor in tensors.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            if tensor.begin != end || tensor.end < tensor.begin || tensor.end > data {
                return session.add(.safetensorsHeader, "'\(tensor.name)' lies at \(tensor.begin)..<\(tensor.end), expected to begin at \(end)", in: subject)
            }
            if let size = tensor.bits, let elements = tensor.elements {
                let (bits, overflow) = elements.multipliedReportingOverflow(by: size)
                if overflow || Int64(bits) != (tensor.end - tensor.begin) * 8 {
                    return session.add(.safetensorsHeader, "'\(tensor.name)' of \(tensor.datatype) \(tensor.shape) in \(tensor.end - tensor.begin) bytes", in: subject)
                }
            } else {
                return session.add(.safetensorsHeader, "'\(tensor.name)' of \(tensor.datatype) \(tensor.shape)", in: subject)
            }
            end = tensor.end
        }
        if end != data { session.add(.safetensorsHeader, "\(data - end) bytes behind the last tensor", in: subject) }
    }

    struct Tensor {
        let name: String
        var datatype = ""
        var shape: [Int] = []
        var begin: Int64 = -1
        var end: Int64 = -1

        var elements: Int? {
            shape.reduce(Int?(1)) { total, extent in
                guard let total else { return nil }
                let (product, overflow) = total.multipliedReportingOverflow(by: extent)
                return overflow || extent < 0 ? nil : product
            }
        }

        /// Bits of one element.
        var bits: Int? {
            switch datatype {
            case "F4": 4
            case "F6_E2M3", "F6_E3M2": 6
            case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
            case "I16", "U16", "F16", "BF16": 16
            case "I32", "U32", "F32": 32
            case "I64", "U64", "F64", "C64": 64
            default: nil
            }
        }
    }

    private struct Header {
        private(set) var tensors: [Tensor] = []
        private(set) var fault: String?

        init(_ bytes: [UInt8]) {
            var scanner = JSONScanner(bytes)
            do throws(JSONFault) {
                try read(&scanner)
                try scanner.expectEnd()
            } catch {
                fault = "the header is no JSON of the format: \(error.reason)"
            }
        }

        private mutating func read(_ scanner: inout JSONScanner) throws(JSONFault) {
            var names: Set<String> = []
            try scanner.object(
                { (scanner, key) throws(JSONFault) in
                    let name = try scanner.string(key)
                    guard names.insert(name).inserted else { throw scanner.fault("'\(name)' is given twice") }
                    if name == "__metadata__" { _ = try scanner.skipValue() } else { tensors.append(try Self.tensor(name, &scanner)) }
                }, mapping: { $0 })
        }

        private static func tensor(_ name: String, _ scanner: inout JSONScanner) throws(JSONFault) -> Tensor {
            var tensor = Tensor(name: name)
            var offsets: [Int] = []
            var keys: Set<String> = []
            try scanner.object(
                { (scanner, key) throws(JSONFault) in
                    let field = try scanner.string(key)
                    guard keys.insert(field).inserted else { throw scanner.fault("'\(field)' is given twice") }
                    switch field {
                    case "dtype": tensor.datatype = try scanner.string(try scanner.text())
                    case "shape": tensor.shape = try integers(&scanner)
                    case "data_offsets": offsets = try integers(&scanner)
                    default: throw scanner.fault("'\(field)' is no field of a tensor")
                    }
                }, mapping: { $0 })
            guard offsets.count == 2 else { throw scanner.fault("'\(name)' has no data_offsets") }
            (tensor.begin, tensor.end) = (Int64(offsets[0]), Int64(offsets[1]))
            return tensor
        }

        private static func integers(_ scanner: inout JSONScanner) throws(JSONFault) -> [Int] {
            var numbers: [Int] = []
            try scanner.array(
                { (scanner, _) throws(JSONFault) in
                    guard let number = Int(exactly: try scanner.number()), number >= 0, number < 1 << 52 else { throw scanner.fault("expected a size") }
                    numbers.append(number)
                }, mapping: { $0 })
            return numbers
        }
    }
}
