import Domain
internal import Files

/// Reads `.npy` files: a magic, a version, a Python dictionary as text, raw elements.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumpyScanner {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        let header = try Header(subject.bytes)
        var facts = ArtifactFacts()
        facts.framework = "numpy"
        facts.inputs = [TensorFact(name: subject.member ?? "array", datatype: header.datatype, shape: header.shape.map { $0 })]
        facts.parameterCount = header.elements
        guard let size = header.elementSize, let elements = header.elements else {
            session.add(.arraySize, "datatype '\(header.datatype)', shape \(header.shape)", in: subject)
            return facts
        }
        guard !header.holdsObjects else {
            session.add(.arrayObjects, "datatype '\(header.datatype)'", in: subject)
            let rest = try subject.bytes.slice(at: header.end, length: subject.bytes.count - header.end)
            _ = try PickleScanner(loader: .pickle).read(ScanSubject(bytes: rest, member: subject.member, depth: subject.depth), session)
            return facts
        }
        let (bytes, overflow) = Int64(elements).multipliedReportingOverflow(by: Int64(size))
        if overflow || bytes != subject.bytes.count - header.end {
            session.add(.arraySize, "\(header.shape) of '\(header.datatype)' in \(subject.bytes.count - header.end) bytes", at: header.end, in: subject)
        }
        facts.arrayBytes = Int(clamping: bytes)
        return facts
    }

    /// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`
    struct Header {
        let datatype: String
        let shape: [Int]
        let isFortranOrdered: Bool
        /// Where the elements begin.
        let end: Int64

        init(_ bytes: any RandomAccess) throws {
            let start = try bytes.exactly(12, at: 0)
            guard start.starts(with: NumpyScanner.magic), (1...3).contains(start[6]) else { throw ReadFault.malformed("no numpy array", at: 0) }
            let isShort = start[6] == 1
            let length = isShort ? Int(start[8]) | Int(start[9]) << 8 : (8..<12).reduce(0) { $0 | Int(start[$1]) << (($1 - 8) * 8) }
            guard length <= 1 << 20 else { throw ReadFault.limit("a header of \(length) bytes", at: 8) }
            let place: Int64 = isShort ? 10 : 12
            let text = String(decoding: try bytes.exactly(length, at: place), as: UTF8.self)
            end = place + Int64(length)
            guard let members = Self.members(text), let datatype = members["descr"], let shape = members["shape"] else {
                throw ReadFault.malformed("a header that numpy does not write", at: place)
            }
            self.datatype = datatype.trimmingPrefix(while: { "'\"".contains($0) }).split(whereSeparator: { "'\"".contains($0) }).first.map(String.init) ?? ""
            let extents = shape.split { !$0.isNumber && $0 != "-" }.map { Int($0) }
            guard extents.count <= 64, extents.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else { throw ReadFault.malformed("a shape that is none", at: place) }
            self.shape = extents.compactMap(\.self)
            isFortranOrdered = members["fortran_order"]?.hasPrefix("True") ?? false
            isStructured = datatype.hasPrefix("[")
            structure = datatype
        }

        private let isStructured: Bool
        private let structure: String

        /// The members of the dictionary. Python would read more than this; numpy writes exactly this: three keys, each once, without
        /// escapes, comments or text behind the brace.
        private static func members(_ text: String) -> [String: String]? {
            let trimmed = text.filter { $0 != "\n" }.split(separator: " ", omittingEmptySubsequences: false).joined(separator: " ")
            guard let open = trimmed.firstIndex(of: "{"), let close = trimmed.lastIndex(of: "}"), open < close, !trimmed.contains("\\"), !trimmed.contains("#") else {
                return nil
            }
            guard trimmed[..<open].allSatisfy({ $0 == " " }), trimmed[trimmed.index(after: close)...].allSatisfy({ $0 == " " }) else { return nil }
            var members: [String: String] = [:]
            for part in parts(trimmed[trimmed.index(after: open)..<close]) where !part.allSatisfy({ $0 == " " }) {
                let text = part.drop { $0 == " " }
                guard let key = ["descr", "fortran_order", "shape"].first(where: { text.hasPrefix("'\($0)': ") }) else { return nil }
                let value = String(text.dropFirst(key.count + 4))
                guard members.updateValue(value, forKey: key) == nil else { return nil }
                // A text is one literal: `'a' 'b'` would be joined.
                if value.hasPrefix("'"), value.filter({ $0 == "'" }).count != 2 || !value.trimmingSuffix(" ").hasSuffix("'") { return nil }
            }
            return members.count == 3 ? members : nil
        }

        /// Splits at commas outside of brackets.
        private static func parts(_ text: Substring) -> [Substring] {
            var depth = 0
            return text.split { character in
                if "([".contains(character) { depth += 1 }
                if ")]".contains(character) { depth -= 1 }
                return depth == 0 && character == ","
            }
        }

        var elements: Int? {
            var product = 1
            for extent in shape {
                let (next, overflow) = product.multipliedReportingOverflow(by: extent)
                guard !overflow else { return nil }
                product = next
            }
            return product
        }

        var holdsObjects: Bool { isStructured ? structure.contains("O") : datatype.contains("O") }

        /// Bytes of one element; nil for a spelling that is none of numpy's.
        var elementSize: Int? {
            guard !isStructured else { return structureSize }
            return Self.size(of: datatype)
        }

        /// How an element is stored; nil for objects and for spellings that are none of numpy's.
        var element: FittedArray.Element? {
            guard !holdsObjects else { return nil }
            guard isStructured else { return Self.element(of: datatype) }
            var fields: [FittedArray.Field] = []
            var offset = 0
            for (name, type) in fieldTypes {
                guard let element = Self.element(of: type) else { return nil }
                fields.append(FittedArray.Field(name: name, offset: offset, element: element))
                offset += element.size
            }
            return FittedArray.Element(kind: "V", size: offset, fields: fields)
        }

        private static func element(of type: String) -> FittedArray.Element? {
            guard let size = size(of: type), let kind = type.first(where: { !"<>|=".contains($0) }) else { return nil }
            return FittedArray.Element(kind: kind, size: size, isBigEndian: type.hasPrefix(">"))
        }

        /// `[('left', '<i8'), ('', '|V7')]`
        private var fieldTypes: [(name: String, type: String)] {
            let parts = structure.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
            return stride(from: 1, to: parts.count - 2, by: 4).map { (parts[$0], parts[$0 + 2]) }
        }

        private var structureSize: Int? {
            fieldTypes.map(\.type).reduce(Int?(0)) { total, type in
                guard let total, let size = Self.size(of: type) else { return nil }
                return total + size
            }
        }

        private static func size(of type: String) -> Int? {
            let plain = type.drop { "<>|=".contains($0) }
            guard let kind = plain.first, "biufcSUVMmO".contains(kind) else { return nil }
            let digits = plain.dropFirst().prefix { $0.isNumber }
            if kind == "O" { return 8 }
            guard let size = Int(digits), size <= 1 << 30 else { return nil }
            return kind == "U" ? size * 4 : size
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> Substring {
        var rest = self[...]
        while rest.last == character { rest = rest.dropLast() }
        return rest
    }
}
