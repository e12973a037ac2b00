internal import Files

/// Reads the text attributes of an HDF5 file's root group, and nothing else of it.
///
/// Keras keeps what it builds a model from in two of them; the rest of the file is numbers. Only the layouts that HDF5 itself
/// writes for a few attributes are read; another one is not, and then nothing is called clean.
/// https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
struct HDF5Attributes {
    private static let maximumMessages = 2000
    private static let maximumText: Int64 = 64 << 20
    private static let undefined = UInt64.max
    /// What Keras reads a model from.
    private static let wanted: Set<String> = ["model_config", "training_config", "keras_version", "backend"]

    private let bytes: any RandomAccess
    private var messageCount = 0
    private(set) var texts: [String: [UInt8]] = [:]

    /// - Throws: ``ReadFault`` also for layouts that are not read here.
    init(_ bytes: any RandomAccess) throws {
        self.bytes = bytes
        try readHeader(at: try Self.rootHeader(bytes))
    }

    /// The address of the root group's object header, from the superblock (II.A).
    private static func rootHeader(_ bytes: any RandomAccess) throws -> Int64 {
        let start = try bytes.exactly(96, at: 0)
        let version = start[8]
        let sizes = version < 2 ? (start[13], start[14]) : (start[9], start[10])
        guard sizes == (8, 8) else { throw ReadFault.malformed("addresses of \(sizes.0) bytes, which are not read here", at: 9) }
        var fields = LittleEndianFields(start)
        let (base, root): (Int, Int)
        switch version {
        case 0: (base, root) = (24, 64)
        case 1: (base, root) = (28, 68)
        case 2, 3: (base, root) = (12, 36)
        default: throw ReadFault.malformed("a superblock of version \(version)", at: 8)
        }
        fields.skip(base)
        guard fields.next(8) == 0 else { throw ReadFault.malformed("a base address, which is not read here", at: Int64(base)) }
        fields.skip(root - base - 8)
        return Int64(clamping: fields.next(8))
    }

    // MARK: - Object headers (IV.A.1)

    private mutating func readHeader(at address: Int64) throws {
        let start = try bytes.exactly(16, at: address)
        if start.starts(with: Array("OHDR".utf8)) {
            try readSecondHeader(start, at: address)
        } else {
            guard start[0] == 1 else { throw ReadFault.malformed("an object header of version \(start[0])", at: address) }
            var fields = LittleEndianFields(start)
            fields.skip(8)
            try readFirstMessages(at: address + 16, length: Int64(fields.next(4)))
        }
    }

    /// Version 1: messages of 8 bytes and their data, aligned.
    private mutating func readFirstMessages(at start: Int64, length: Int64) throws {
        let end = try end(of: start, length)
        var place = start
        while place + 8 <= end {
            var fields = LittleEndianFields(try bytes.exactly(8, at: place))
            let (type, size, flags) = (fields.next(2), Int64(fields.next(2)), fields.next(1))
            let data = try bytes.slice(at: place + 8, length: size)
            if let (next, nextLength) = try read(type: type, flags: flags, data) { try readFirstMessages(at: next, length: nextLength) }
            place += 8 + size
        }
    }

    /// Version 2: a packed header, blocks that begin with a mark and end with a checksum.
    private mutating func readSecondHeader(_ start: [UInt8], at address: Int64) throws {
        let flags = start[5]
        let width = 1 << Int(flags & 3)
        let place = address + 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
        var size = LittleEndianFields(try bytes.exactly(width, at: place))
        try readSecondMessages(at: place + Int64(width), length: Int64(clamping: size.next(width)), hasOrder: flags & 4 != 0)
    }

    private mutating func readSecondMessages(at start: Int64, length: Int64, hasOrder: Bool) throws {
        let end = try end(of: start, length)
        var place = start
        let head: Int64 = hasOrder ? 6 : 4
        while place + head <= end {
            var fields = LittleEndianFields(try bytes.exactly(Int(head), at: place))
            let (type, size, flags) = (fields.next(1), Int64(fields.next(2)), fields.next(1))
            let data = try bytes.slice(at: place + head, length: size)
            if let (next, nextLength) = try read(type: type, flags: flags, data) {
                guard try bytes.exactly(4, at: next) == Array("OCHK".utf8), nextLength >= 8 else { throw ReadFault.malformed("a block without its mark", at: next) }
                try readSecondMessages(at: next + 4, length: nextLength - 8, hasOrder: hasOrder)
            }
            place += head + size
        }
    }

    /// - Throws: `truncated` when the block does not lie in the file.
    private func end(of start: Int64, _ length: Int64) throws -> Int64 {
        _ = try bytes.slice(at: start, length: length)
        return start + length
    }

    /// - Returns: Where the header goes on, for a continuation message.
    private mutating func read(type: UInt64, flags: UInt64, _ data: Slice) throws -> (Int64, Int64)? {
        messageCount += 1
        guard messageCount <= Self.maximumMessages else { throw ReadFault.limit("more than \(Self.maximumMessages) header messages", at: 0) }
        switch type {
        case 0x0c:
            guard flags & 2 == 0 else { throw ReadFault.malformed("a shared attribute, which is not read here", at: 0) }
            try readAttribute(data)
            guard texts.count <= Self.wanted.count else { return nil }
        case 0x10:
            var fields = LittleEndianFields(try data.exactly(16, at: 0))
            return (Int64(clamping: fields.next(8)), Int64(clamping: fields.next(8)))
        case 0x15:
            var fields = LittleEndianFields(try data.bytes(at: 0, count: 20))
            fields.skip(1)
            let info = fields.next(1)
            if info & 1 != 0 { fields.skip(2) }
            guard fields.next(8) == Self.undefined else { throw ReadFault.malformed("attributes in a heap, which is not read here", at: 0) }
        default: break
        }
        return nil
    }

    // MARK: - Attributes (IV.A.2.m)

    private mutating func readAttribute(_ message: Slice) throws {
        var fields = LittleEndianFields(try message.exactly(9, at: 0))
        let version = fields.next(1)
        guard (1...3).contains(version) else { throw ReadFault.malformed("an attribute of version \(version)", at: 0) }
        fields.skip(1)
        let (nameSize, typeSize, spaceSize) = (Int64(fields.next(2)), Int64(fields.next(2)), Int64(fields.next(2)))
        func padded(_ size: Int64) -> Int64 { version == 1 ? (size + 7) / 8 * 8 : size }
        var place: Int64 = version == 3 ? 9 : 8
        let name = String(decoding: try message.exactly(Int(nameSize), at: place).prefix { $0 != 0 }, as: UTF8.self)
        place += padded(nameSize)
        var type = LittleEndianFields(try message.exactly(8, at: place))
        let kind = type.next(1) & 0x0f
        type.skip(3)
        let elementSize = Int64(type.next(4))
        place += padded(typeSize) + padded(spaceSize)
        guard Self.wanted.contains(name) else { return }
        switch kind {
        case _ where texts[name] != nil: throw ReadFault.malformed("'\(name)' is given twice", at: 0)
        case 3: texts[name] = try message.exactly(Int(min(elementSize, message.count - place)), at: place)
        case 9: texts[name] = try heapObject(try message.exactly(16, at: place))
        default: break
        }
    }

    /// A variable-length value: its length, and where it lies in a global heap (III.E).
    private func heapObject(_ reference: [UInt8]) throws -> [UInt8] {
        var fields = LittleEndianFields(reference)
        let (length, address, index) = (Int64(fields.next(4)), Int64(clamping: fields.next(8)), fields.next(4))
        guard length <= Self.maximumText else { throw ReadFault.limit("a text of \(length) bytes", at: address) }
        var head = LittleEndianFields(try bytes.exactly(16, at: address))
        guard head.next(4) == 0x4c4f_4347 else { throw ReadFault.malformed("a heap without its mark", at: address) }
        head.skip(4)
        let end = address + max(0, min(Int64(clamping: head.next(8)), bytes.count - address))
        var place = address + 16
        while place + 16 <= end {
            var object = LittleEndianFields(try bytes.exactly(16, at: place))
            let number = object.next(2)
            object.skip(6)
            let size = Int64(clamping: object.next(8))
            guard number != 0, size <= end - place - 16 else { break }
            if number == index {
                guard length <= size else { throw ReadFault.truncated(at: place) }
                return try bytes.exactly(Int(length), at: place + 16)
            }
            place += 16 + (size + 7) / 8 * 8
        }
        throw ReadFault.malformed("a text that is not in its heap", at: address)
    }
}
