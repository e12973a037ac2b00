import Domain
internal import CCompression
internal import Files

/// Reads zip archives by their central directory, and holds it against the local headers.
/// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (sections 4.3.7, 4.3.12, 4.3.14, 4.3.16)
struct ZipArchive {
    static let magic: [UInt8] = [0x50, 0x4b, 0x03, 0x04]
    private static let endMagic: [UInt8] = [0x50, 0x4b, 0x05, 0x06]
    private static let maximumDirectory: Int64 = 64 << 20

    fileprivate struct Entry {
        var name = ""
        var flags: UInt16 = 0
        var method: UInt16 = 0
        var checksum: UInt32 = 0
        var compressedSize: UInt64 = 0
        var size: UInt64 = 0
        var headerOffset: UInt64 = 0
        var externalAttributes: UInt32 = 0
        var madeBy: UInt16 = 0
    }

    private let bytes: any RandomAccess
    private let entries: [Entry]
    private let directoryStart: Int64
    /// Bytes before the archive, as readers find it that count from its end.
    private let shift: Int64

    /// Reads the central directory.
    /// - Throws: ``ReadFault`` when there is none.
    init(_ bytes: any RandomAccess) throws {
        self.bytes = bytes
        guard let end = try Self.findEnd(bytes) else { throw ReadFault.malformed("a zip archive without a directory", at: bytes.count) }
        let directory = try Self.directory(bytes, end)
        guard directory.size <= Self.maximumDirectory else { throw ReadFault.limit("a directory of \(directory.size) bytes", at: end) }
        // The directory ends where the end records begin: Python finds it from there, and takes the difference for bytes before the archive.
        directoryStart = directory.end - directory.size
        shift = directoryStart - directory.start
        guard directoryStart >= 0, directory.start >= 0, shift >= 0 else { throw ReadFault.malformed("a directory that does not lie before its end", at: end) }
        entries = try Self.entries(try bytes.exactly(Int(directory.size), at: directoryStart), count: directory.count, at: directoryStart)
    }

    /// Where the end record stands: the last mark in the file, as Python and miniz look for it, if exactly its comment follows. Other
    /// readers take the record that fits; where the two are not the same, the archive has no end that everybody agrees on.
    static func findEnd(_ bytes: any RandomAccess) throws -> Int64? {
        let start = max(0, bytes.count - 65_557)
        let tail = try bytes.bytes(at: start, count: 65_557)
        guard tail.count >= 22 else { return nil }
        let places = stride(from: tail.count - 22, through: 0, by: -1)
        guard let place = places.first(where: { tail[$0...].starts(with: endMagic) }),
            place + 22 + (Int(tail[place + 20]) | Int(tail[place + 21]) << 8) == tail.count
        else { return nil }
        return start + Int64(place)
    }

    private static func directory(_ bytes: any RandomAccess, _ end: Int64) throws -> (start: Int64, size: Int64, count: UInt64, end: Int64) {
        var fields = LittleEndianFields(try bytes.exactly(22, at: end))
        fields.skip(8)
        fields.skip(2)
        let (count, size, start) = (fields.next(2), fields.next(4), fields.next(4))
        guard let wide = try wideDirectory(bytes, end) else { return (Int64(clamping: start), Int64(clamping: size), count, end) }
        let agrees = (count == 0xffff || count == wide.count) && (size == 0xffff_ffff || size == wide.size) && (start == 0xffff_ffff || start == wide.start)
        guard agrees else { throw ReadFault.malformed("two directories, of which readers take one or the other", at: end) }
        return (Int64(clamping: wide.start), Int64(clamping: wide.size), wide.count, wide.end)
    }

    /// The zip64 record (4.3.14), when the locator of 20 bytes that leads to it stands before the end record.
    private static func wideDirectory(_ bytes: any RandomAccess, _ end: Int64) throws -> (start: UInt64, size: UInt64, count: UInt64, end: Int64)? {
        guard end >= 20 else { return nil }
        var locator = LittleEndianFields(try bytes.exactly(20, at: end - 20))
        guard locator.next(4) == 0x0706_4b50 else { return nil }
        locator.skip(4)
        let stated = Int64(clamping: locator.next(8))
        // Python looks for the record right before its locator, whatever the locator says.
        let place = end - 20 - 56
        guard place >= 0, stated <= place else { throw ReadFault.malformed("a zip64 directory that is not there", at: end) }
        var record = LittleEndianFields(try bytes.exactly(56, at: place))
        guard record.next(4) == 0x0606_4b50 else { throw ReadFault.malformed("a zip64 directory that is not there", at: end) }
        record.skip(28)
        let (count, size, start) = (record.next(8), record.next(8), record.next(8))
        return (start, size, count, place)
    }

    private static func entries(_ directory: [UInt8], count: UInt64, at start: Int64) throws -> [Entry] {
        var entries: [Entry] = []
        var place = 0
        while place < directory.count {
            guard directory.count - place >= 46 else { throw ReadFault.truncated(at: start + Int64(place)) }
            var fields = LittleEndianFields(Array(directory[place..<place + 46]))
            guard fields.next(4) == 0x0201_4b50 else { throw ReadFault.malformed("a directory entry without its mark", at: start + Int64(place)) }
            var entry = Entry()
            entry.madeBy = UInt16(fields.next(2))
            fields.skip(2)
            entry.flags = UInt16(fields.next(2))
            entry.method = UInt16(fields.next(2))
            fields.skip(4)
            entry.checksum = UInt32(fields.next(4))
            entry.compressedSize = fields.next(4)
            entry.size = fields.next(4)
            let (nameLength, extraLength, commentLength) = (Int(fields.next(2)), Int(fields.next(2)), Int(fields.next(2)))
            fields.skip(4)
            entry.externalAttributes = UInt32(fields.next(4))
            entry.headerOffset = fields.next(4)
            let end = place + 46 + nameLength + extraLength + commentLength
            guard end <= directory.count else { throw ReadFault.truncated(at: start + Int64(place)) }
            entry.name = String(decoding: directory[(place + 46)..<(place + 46 + nameLength)], as: UTF8.self)
            entry.widen(directory[(place + 46 + nameLength)..<(end - commentLength)])
            entries.append(entry)
            place = end
        }
        guard UInt64(entries.count) == count else { throw ReadFault.malformed("\(entries.count) members in a directory of \(count)", at: start) }
        return entries
    }

    /// The members; what is wrong with them becomes findings.
    func members(_ subject: ScanSubject, _ session: ScanSession) throws -> [ArchiveMember] {
        var members: [ArchiveMember] = []
        var covered: [(start: Int64, end: Int64)] = []
        for entry in entries {
            try session.entered()
            let here = subject.inside(entry.name, subject.bytes)
            let place = self.place(of: entry)
            if entry.isLink { session.add(.memberLink, entry.name, at: place, in: here) }
            if entry.flags & 0x2041 != 0 { session.add(.memberEncrypted, entry.name, at: place, in: here) }
            let data = try local(entry, here, session)
            covered.append((place, data.end))
            guard !entry.name.hasSuffix("/") else {
                if entry.size != 0 || entry.compressedSize != 0 { session.add(.memberDisagreement, "the folder \(entry.name) with content", at: place, in: here) }
                continue
            }
            members.append(
                ArchiveMember(name: entry.name, size: Int64(clamping: entry.size), offset: place) { session in
                    try Self.content(of: entry, at: data.start, in: bytes, session)
                }
            )
        }
        try findHidden(covered.sorted { $0.start < $1.start }, subject, session)
        return members
    }

    private func place(of entry: Entry) -> Int64 {
        let (place, overflow) = Int64(clamping: entry.headerOffset).addingReportingOverflow(shift)
        return overflow ? .max : place
    }

    /// Holds the local header against the directory.
    /// - Returns: Where the member's data lies, its data descriptor included.
    private func local(_ entry: Entry, _ subject: ScanSubject, _ session: ScanSession) throws -> (start: Int64, end: Int64) {
        let place = place(of: entry)
        var fields = LittleEndianFields(try bytes.exactly(30, at: place))
        guard fields.next(4) == 0x0403_4b50 else { throw ReadFault.malformed("a member without its header", at: place) }
        fields.skip(2)
        let flags = UInt16(fields.next(2))
        let method = UInt16(fields.next(2))
        fields.skip(4)
        let (checksum, compressedSize, size) = (UInt32(fields.next(4)), fields.next(4), fields.next(4))
        let (nameLength, extraLength) = (Int(fields.next(2)), Int(fields.next(2)))
        let name = String(decoding: try bytes.bytes(at: place + 30, count: nameLength), as: UTF8.self)
        let hasDescriptor = flags & 8 != 0
        let isWide = compressedSize == 0xffff_ffff || size == 0xffff_ffff
        let agrees =
            name == entry.name && method == entry.method && flags & 0x0809 == entry.flags & 0x0809
            && (hasDescriptor || isWide || (checksum == entry.checksum && compressedSize == entry.compressedSize && size == entry.size))
        if !agrees { session.add(.memberDisagreement, "'\(name)' and '\(entry.name)'", at: place, in: subject) }
        let start = place + 30 + Int64(nameLength) + Int64(extraLength)
        let (end, overflow) = start.addingReportingOverflow(Int64(clamping: entry.compressedSize))
        guard !overflow, end <= directoryStart else { throw ReadFault.truncated(at: place) }
        return (start, hasDescriptor ? try descriptorEnd(end) : end)
    }

    /// A data descriptor (4.3.9) is 12 or 20 bytes, with or without a mark of 4.
    private func descriptorEnd(_ start: Int64) throws -> Int64 {
        let head = try bytes.bytes(at: start, count: 24)
        let hasMark = head.starts(with: [0x50, 0x4b, 0x07, 0x08])
        let lengths = hasMark ? [16, 24] : [12, 20]
        let next = lengths.first { length in
            let place = start + Int64(length)
            guard place != directoryStart else { return true }
            let mark = (try? bytes.bytes(at: place, count: 4)) ?? []
            return mark == Self.magic
        }
        return start + Int64(next ?? lengths[0])
    }

    /// Bytes between members that the directory does not know, or shared by two members.
    private func findHidden(_ covered: [(start: Int64, end: Int64)], _ subject: ScanSubject, _ session: ScanSession) throws {
        var end: Int64 = 0
        for member in covered {
            if member.start < end { throw ReadFault.malformed("members that overlap", at: member.start) }
            if member.start > end, let gap = try? bytes.bytes(at: end, count: 4), gap.starts(with: Self.magic) {
                return session.add(.memberHidden, "a member that the directory does not list", at: end, in: subject)
            }
            if member.start > end, end == 0 { return session.add(.polyglot, "\(member.start) bytes before a zip archive", at: 0, in: subject) }
            end = member.end
        }
        if end < directoryStart, let gap = try? bytes.bytes(at: end, count: 4), gap.starts(with: Self.magic) {
            session.add(.memberHidden, "a member that the directory does not list", at: end, in: subject)
        }
    }

    // MARK: - Content

    private static func content(of entry: Entry, at start: Int64, in bytes: any RandomAccess, _ session: ScanSession) throws -> any RandomAccess {
        let packed = try bytes.slice(at: start, length: Int64(clamping: entry.compressedSize))
        let content: any RandomAccess
        switch entry.method {
        case 0:
            guard entry.size == entry.compressedSize else { throw ReadFault.malformed("a stored member of another size", at: start) }
            content = packed
        case 8, 12, 14:
            let compression: Compression = entry.method == 8 ? .deflate : entry.method == 12 ? .bz2 : .lzma
            guard entry.method != 14 else { throw ReadFault.malformed("compression method 14 (LZMA), which is not read here", at: start) }
            content = try session.spool(try DecompressingSource(SequentialSource(packed), compression))
        default: throw ReadFault.malformed("compression method \(entry.method), which is not read here", at: start)
        }
        guard content.count == Int64(clamping: entry.size) else { throw ReadFault.malformed("a member of \(content.count) bytes that says \(entry.size)", at: start) }
        try content.verify(entry.checksum)
        return content
    }
}

extension ZipArchive.Entry {
    /// Zip64 sizes in the extra field (4.5.3), in the order of the fields that are full.
    fileprivate mutating func widen(_ extra: ArraySlice<UInt8>) {
        var rest = extra
        while rest.count >= 4 {
            let start = rest.startIndex
            let kind = UInt16(rest[start]) | UInt16(rest[start + 1]) << 8
            let length = Int(rest[start + 2]) | Int(rest[start + 3]) << 8
            guard rest.count >= 4 + length else { return }
            if kind == 1 {
                var fields = LittleEndianFields(Array(rest[(start + 4)..<(start + 4 + length)]))
                if size == 0xffff_ffff, fields.count >= 8 { size = fields.next(8) }
                if compressedSize == 0xffff_ffff, fields.count >= 8 { compressedSize = fields.next(8) }
                if headerOffset == 0xffff_ffff, fields.count >= 8 { headerOffset = fields.next(8) }
            }
            rest = rest.dropFirst(4 + length)
        }
    }

    /// A symbolic link or a device, as Unix systems note it in the upper half of the attributes.
    fileprivate var isLink: Bool {
        let kind = (externalAttributes >> 16) & 0o170000
        return madeBy >> 8 == 3 && kind != 0 && kind != 0o100000 && kind != 0o040000
    }
}

/// Integers one after the other, least significant byte first; zero behind the end.
struct LittleEndianFields {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { bytes.count - place }

    mutating func next(_ width: Int) -> UInt64 {
        defer { place += width }
        guard place + width <= bytes.count else { return 0 }
        return (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << UInt64($1 * 8) }
    }

    mutating func skip(_ width: Int) { place += width }
}
