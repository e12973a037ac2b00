/// The header of a 7z archive: streams, folders and files.
struct SevenZipHeader {
    /// A step of unpacking.
    struct Coder {
        let method: [UInt8]
        let properties: [UInt8]
        /// Bytes after this step.
        var size: Int64 = 0
    }

    struct Folder {
        /// In the order of unpacking: the first reads the packed bytes.
        var coders: [Coder]
        /// Where the size of each coder stands in the list of sizes.
        let sizeOrder: [Int]
        var packedSize: Int64 = 0
        var checksum: UInt32?
        /// The files in it, one after the other.
        var files: [Piece] = []

        /// Bytes after unpacking.
        var size: Int64 { coders.last?.size ?? 0 }
    }

    /// A part of a folder's content that is one file.
    struct Piece {
        let size: Int64
        var checksum: UInt32?
    }

    struct Streams {
        var position: Int64 = 0
        var folders: [Folder] = []
    }

    struct File {
        var name = ""
        var hasStream = true
        var isLink = false
    }

    struct Contents {
        var streams = Streams()
        var files: [File] = []
    }

    private static let maximumCount: UInt64 = 100_000
    private static let maximumCoders = 4
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the header is itself packed.
    var isEncoded: Bool {
        get throws {
            guard let first = bytes.first else { throw ReadFault.malformed("an archive without a header", at: 0) }
            return first == 0x17
        }
    }

    /// Where the packed header is.
    mutating func encodedStreams() throws -> Streams {
        _ = try byte()
        return try streams()
    }

    mutating func contents() throws -> Contents {
        guard try byte() == 0x01 else { throw fault("a header of another kind") }
        var contents = Contents()
        while case let id = try byte(), id != 0x00 {
            switch id {
            case 0x04: contents.streams = try streams()
            case 0x05: contents.files = try files()
            default: throw fault("a property 0x\(String(id, radix: 16)), which is not read here")
            }
        }
        return contents
    }

    // MARK: - Streams

    private mutating func streams() throws -> Streams {
        var streams = Streams()
        var packedSizes: [Int64] = []
        var hasPieces = false
        while case let id = try byte(), id != 0x00 {
            switch id {
            case 0x06: (streams.position, packedSizes) = try packInfo()
            case 0x07: streams.folders = try folders()
            case 0x08:
                try subStreams(&streams.folders)
                hasPieces = true
            default: throw fault("a property 0x\(String(id, radix: 16)), which is not read here")
            }
        }
        guard packedSizes.count == streams.folders.count else { throw fault("folders of several packed streams, which are not read here") }
        for index in streams.folders.indices {
            streams.folders[index].packedSize = packedSizes[index]
            let folder = streams.folders[index]
            if !hasPieces { streams.folders[index].files = [Piece(size: folder.size, checksum: folder.checksum)] }
        }
        return streams
    }

    private mutating func packInfo() throws -> (Int64, [Int64]) {
        let (position, overflow) = try size().addingReportingOverflow(32)
        guard !overflow else { throw fault("a position beyond all measure") }
        let count = try count()
        var sizes: [Int64] = []
        while case let id = try byte(), id != 0x00 {
            switch id {
            case 0x09: for _ in 0..<count { sizes.append(try size()) }
            case 0x0a: _ = try digests(count)
            default: throw fault("a property 0x\(String(id, radix: 16)), which is not read here")
            }
        }
        return (position, sizes)
    }

    private mutating func folders() throws -> [Folder] {
        guard try byte() == 0x0b else { throw fault("folders without their mark") }
        let count = try count()
        guard try byte() == 0 else { throw fault("folders in another stream, which are not read here") }
        var folders: [Folder] = []
        for _ in 0..<count { folders.append(try folder()) }
        guard try byte() == 0x0c else { throw fault("folders without sizes") }
        for index in folders.indices {
            for coder in folders[index].sizeOrder { folders[index].coders[coder].size = try size() }
        }
        while case let id = try byte(), id != 0x00 {
            guard id == 0x0a else { throw fault("a property 0x\(String(id, radix: 16)), which is not read here") }
            for (index, checksum) in zip(folders.indices, try digests(count)) { folders[index].checksum = checksum }
        }
        return folders
    }

    private mutating func folder() throws -> Folder {
        let count = try count()
        guard (1...Self.maximumCoders).contains(count) else { throw fault("content behind \(count) filters") }
        var coders: [Coder] = []
        for _ in 0..<count {
            let flags = try byte()
            let method = try take(Int(flags & 0x0f))
            guard flags & 0x90 == 0 else { throw fault("a coder of several streams, which is not read here") }
            coders.append(Coder(method: method, properties: flags & 0x20 != 0 ? try take(try self.count()) : []))
        }
        /// The coder whose output is the input of another.
        var feeders: [Int: Int] = [:]
        for _ in 1..<max(1, count) {
            let (input, output) = (try self.count(), try self.count())
            guard input < count, output < count, feeders.updateValue(output, forKey: input) == nil else { throw fault("filters that are not a chain") }
        }
        guard let first = coders.indices.first(where: { feeders[$0] == nil }) else { throw fault("filters that are a ring") }
        let readers = Dictionary(feeders.map { ($1, $0) }) { one, _ in one }
        var order = [first]
        while let last = order.last, let next = readers[last], !order.contains(next) { order.append(next) }
        guard order.count == count else { throw fault("filters that are not a chain") }
        return Folder(coders: order.map { coders[$0] }, sizeOrder: coders.indices.map { coder in order.firstIndex(of: coder) ?? 0 })
    }

    private mutating func subStreams(_ folders: inout [Folder]) throws {
        var counts = [Int](repeating: 1, count: folders.count)
        var id = try byte()
        if id == 0x0d {
            for index in folders.indices { counts[index] = try count() }
            id = try byte()
        }
        for index in folders.indices {
            var left = folders[index].size
            folders[index].files = []
            // The last size of a folder is what is left.
            for _ in 1..<max(1, counts[index]) {
                guard id == 0x09 else { throw fault("files without sizes") }
                let size = try size()
                guard size <= left else { throw fault("a file larger than its folder") }
                folders[index].files.append(Piece(size: size))
                left -= size
            }
            if counts[index] > 0 { folders[index].files.append(Piece(size: left)) }
            if counts[index] == 1 { folders[index].files[0].checksum = folders[index].checksum }
        }
        if id == 0x09 { id = try byte() }
        while id != 0x00 {
            guard id == 0x0a else { throw fault("a property 0x\(String(id, radix: 16)), which is not read here") }
            try readChecksums(&folders)
            id = try byte()
        }
    }

    /// Those of the files whose folder's own checksum does not already say it.
    private mutating func readChecksums(_ folders: inout [Folder]) throws {
        let places = folders.indices.flatMap { folder in
            folders[folder].files.indices.filter { folders[folder].files[$0].checksum == nil }.map { (folder: folder, file: $0) }
        }
        for (place, checksum) in zip(places, try digests(places.count)) { folders[place.folder].files[place.file].checksum = checksum }
    }

    // MARK: - Files

    private mutating func files() throws -> [File] {
        let count = try count()
        var files = [File](repeating: File(), count: count)
        var hasEmptyStreams = [Bool](repeating: false, count: count)
        while case let id = try byte(), id != 0x00 {
            let length = try self.length()
            let end = place + length
            guard end <= bytes.count else { throw ReadFault.truncated(at: Int64(place)) }
            switch id {
            case 0x0e: hasEmptyStreams = try bits(count)
            case 0x11:
                guard try byte() == 0 else { throw fault("names in another stream, which are not read here") }
                for index in files.indices { files[index].name = try name() }
            case 0x15: try readAttributes(&files)
            default: break  // times, and which empty streams are files
            }
            place = end
        }
        for index in files.indices { files[index].hasStream = !hasEmptyStreams[index] }
        return files
    }

    /// Unix modes stand in the upper half of the attributes when bit 15 says so.
    private mutating func readAttributes(_ files: inout [File]) throws {
        let defined = try byte() != 0 ? [Bool](repeating: true, count: files.count) : try bits(files.count)
        guard try byte() == 0 else { throw fault("attributes in another stream, which are not read here") }
        for index in files.indices where defined[index] {
            let value = try littleEndian32()
            let kind = (value >> 16) & 0o170000
            files[index].isLink = value & 0x8000 != 0 && kind != 0 && kind != 0o100000 && kind != 0o040000
        }
    }

    private mutating func name() throws -> String {
        var units: [UInt16] = []
        while true {
            let pair = try take(2)
            let unit = UInt16(pair[0]) | UInt16(pair[1]) << 8
            if unit == 0 { return String(decoding: units, as: UTF16.self) }
            guard units.count < 4096 else { throw ReadFault.limit("a name of more than 4096 characters", at: Int64(place)) }
            units.append(unit)
        }
    }

    // MARK: - Values

    /// CRC-32 of each; nil where the archive has none.
    private mutating func digests(_ count: Int) throws -> [UInt32?] {
        let defined = try byte() != 0 ? [Bool](repeating: true, count: count) : try bits(count)
        return try defined.map { try $0 ? littleEndian32() : nil }
    }

    private mutating func littleEndian32() throws -> UInt32 {
        try take(4).enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32($1.offset * 8) }
    }

    private mutating func bits(_ count: Int) throws -> [Bool] {
        let packed = try take((count + 7) / 8)
        return (0..<count).map { packed[$0 / 8] & (0x80 >> UInt8($0 % 8)) != 0 }
    }

    private mutating func count() throws -> Int {
        let number = try number()
        guard number <= Self.maximumCount else { throw ReadFault.limit("a count of \(number)", at: Int64(place)) }
        return Int(number)
    }

    /// Bytes of a property, which lie in the header.
    private mutating func length() throws -> Int {
        let number = try number()
        guard number <= UInt64(bytes.count) else { throw fault("a property of \(number) bytes") }
        return Int(number)
    }

    private mutating func size() throws -> Int64 {
        guard let size = Int64(exactly: try number()) else { throw fault("a size beyond all measure") }
        return size
    }

    /// The leading ones of the first byte count the bytes that follow.
    private mutating func number() throws -> UInt64 {
        let first = try byte()
        var value: UInt64 = 0
        var mask: UInt8 = 0x80
        for index in 0..<8 {
            if first & mask == 0 { return value | UInt64(first & (mask &- 1)) << UInt64(index * 8) }
            value |= UInt64(try byte()) << UInt64(index * 8)
            mask >>= 1
        }
        return value
    }

    private mutating func byte() throws -> UInt8 {
        guard place < bytes.count else { throw ReadFault.truncated(at: Int64(place)) }
        defer { place += 1 }
        return bytes[place]
    }

    private mutating func take(_ count: Int) throws -> [UInt8] {
        guard count >= 0, bytes.count - place >= count else { throw ReadFault.truncated(at: Int64(place)) }
        defer { place += count }
        return Array(bytes[place..<place + count])
    }

    private func fault(_ what: String) -> ReadFault { .malformed(what, at: Int64(place)) }
}
