internal import Files

/// Reads tar archives: POSIX ustar, pax headers, GNU long names.
/// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
struct TarArchive {
    private static let block: Int64 = 512
    /// Fields that belong to one member.
    private static let own: Set<String> = ["path", "linkpath", "size"]
    private let bytes: any RandomAccess

    init(_ bytes: any RandomAccess) {
        self.bytes = bytes
    }

    /// Whether the content begins with a header whose checksum is right.
    static func matches(_ head: [UInt8]) -> Bool {
        head.count >= 512 && hasChecksum(Array(head[..<512])) && head[257..<262].elementsEqual(Array("ustar".utf8))
    }

    /// The members; what is wrong with them becomes findings.
    func members(_ subject: ScanSubject, _ session: ScanSession) throws -> [ArchiveMember] {
        var members: [ArchiveMember] = []
        var place: Int64 = 0
        var longName: String?
        var paxFields: [String: String] = [:]
        while place < bytes.count {
            let header = try bytes.exactly(512, at: place)
            if header.allSatisfy({ $0 == 0 }) {
                try refuseTail(from: place)
                return members
            }
            guard Self.hasChecksum(header) else { throw ReadFault.malformed("a tar header with a wrong checksum", at: place) }
            try session.entered()
            let kind = header[156]
            let isMeta = [UInt8(ascii: "L"), UInt8(ascii: "K"), UInt8(ascii: "x"), UInt8(ascii: "g")].contains(kind)
            let size = try (isMeta ? nil : paxFields["size"]).flatMap { Int64($0) } ?? Self.number(header[124..<136], at: place)
            let data = try bytes.slice(at: place + Self.block, length: size)
            switch kind {
            case UInt8(ascii: "L"): longName = try Self.text(data)
            case UInt8(ascii: "x"), UInt8(ascii: "g"):
                let fields = try Self.pax(data, at: place)
                // Names and sizes for all members, and sparse files, are understood by some readers only.
                let isAmbiguous = fields.keys.contains { $0.hasPrefix("GNU.sparse") } || (kind == UInt8(ascii: "g") && !Self.own.isDisjoint(with: fields.keys))
                if isAmbiguous { session.add(.memberDisagreement, fields.keys.sorted().joined(separator: ", "), at: place, in: subject) }
                if kind == UInt8(ascii: "x") { paxFields = fields }
            default:
                let name = paxFields["path"] ?? longName ?? Self.name(header)
                let here = subject.inside(name, bytes)
                if kind == 0 || kind == UInt8(ascii: "0") || kind == UInt8(ascii: "7") {
                    members.append(ArchiveMember(name: name, size: size, offset: place) { _ in data })
                } else if kind == UInt8(ascii: "5") {
                    guard size == 0 else { throw ReadFault.malformed("a folder with content, which readers skip or not", at: place) }
                } else {
                    session.add(.memberLink, "\(name) (type '\(Character(UnicodeScalar(kind)))')", at: place, in: here)
                }
                longName = nil
                paxFields = [:]
            }
            place += Self.block + (size + Self.block - 1) / Self.block * Self.block
        }
        throw ReadFault.truncated(at: place)
    }

    /// Two blocks of zeroes end the archive; only zeroes may follow.
    private func refuseTail(from place: Int64) throws {
        var offset = place
        while offset < bytes.count {
            let block = try bytes.bytes(at: offset, count: 64 << 10)
            guard block.allSatisfy({ $0 == 0 }) else { throw ReadFault.malformed("bytes behind the end of the archive", at: offset) }
            offset += Int64(block.count)
        }
    }

    private static func hasChecksum(_ header: [UInt8]) -> Bool {
        let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        let stated = String(decoding: header[148..<156], as: UTF8.self).split { !$0.isNumber }.first.flatMap { Int($0, radix: 8) }
        return stated == sum
    }

    /// Octal digits, or GNU's big-endian number when the first bit is set.
    private static func number(_ field: ArraySlice<UInt8>, at place: Int64) throws -> Int64 {
        if let first = field.first, first & 0x80 != 0 {
            guard field.dropFirst().prefix(4).allSatisfy({ $0 == 0 }) else { throw ReadFault.malformed("a size beyond all measure", at: place) }
            return field.suffix(7).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        let digits = field.filter { $0 != 0x20 && $0 != 0 }
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }), let number = Int64(digits.isEmpty ? "0" : String(decoding: digits, as: UTF8.self), radix: 8) else {
            throw ReadFault.malformed("a size that is no number", at: place)
        }
        return number
    }

    private static func name(_ header: [UInt8]) -> String {
        func field(_ range: Range<Int>) -> String { String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self) }
        let prefix = header[257..<263].elementsEqual(Array("ustar\0".utf8)) ? field(345..<500) : ""
        return prefix.isEmpty ? field(0..<100) : "\(prefix)/\(field(0..<100))"
    }

    private static func text(_ data: Slice) throws -> String {
        guard data.count <= 65_536 else { throw ReadFault.limit("a name of \(data.count) bytes", at: 0) }
        return String(decoding: try data.exactly(Int(data.count), at: 0).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// `length key=value\n` records.
    private static func pax(_ data: Slice, at place: Int64) throws -> [String: String] {
        guard data.count <= 1 << 20 else { throw ReadFault.limit("a header of \(data.count) bytes", at: place) }
        var fields: [String: String] = [:]
        var rest = try data.exactly(Int(data.count), at: 0)[...]
        while !rest.isEmpty, rest.first != 0 {
            guard let space = rest.firstIndex(of: 0x20), let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > space - rest.startIndex + 1,
                length <= rest.count
            else { throw ReadFault.malformed("a record of another length", at: place) }
            let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
            if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
                fields[String(decoding: record[..<equals], as: UTF8.self)] = String(decoding: record[(equals + 1)...], as: UTF8.self)
            }
            rest = rest.dropFirst(length)
        }
        return fields
    }
}
