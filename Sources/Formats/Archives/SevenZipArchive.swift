import Domain
internal import Files

/// Reads 7z archives: a header at the end that lists packed streams, how to unpack them, and the files in each.
/// https://py7zr.readthedocs.io/en/latest/archive_format.html, and 7zFormat.txt of the 7-Zip sources
struct SevenZipArchive {
    static let magic: [UInt8] = [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]
    private static let maximumHeader: UInt64 = 64 << 20
    private let bytes: any RandomAccess

    init(_ bytes: any RandomAccess) {
        self.bytes = bytes
    }

    /// The members; what is wrong with them becomes findings.
    func members(_ subject: ScanSubject, _ session: ScanSession) throws -> [ArchiveMember] {
        var start = LittleEndianFields(try bytes.exactly(32, at: 0))
        start.skip(12)
        let (offset, size) = (start.next(8), start.next(8))
        guard size <= Self.maximumHeader else { throw ReadFault.limit("a header of \(size) bytes", at: 12) }
        let (place, overflow) = Int64(clamping: offset).addingReportingOverflow(32)
        guard !overflow, place <= bytes.count, Int64(size) == bytes.count - place else {
            throw ReadFault.malformed("a header that is not the end of the archive", at: 12)
        }
        var header = SevenZipHeader(try bytes.exactly(Int(size), at: place))
        for _ in 0..<4 where try header.isEncoded {
            let streams = try header.encodedStreams()
            guard let folder = streams.folders.first, streams.folders.count == 1, folder.size <= Int64(Self.maximumHeader) else {
                throw ReadFault.malformed("a header in more than one piece", at: place)
            }
            let unpacked = try unpack(folder, at: streams.position, subject, session)
            header = SevenZipHeader(try unpacked.exactly(Int(unpacked.count), at: 0))
        }
        return try list(try header.contents(), subject, session)
    }

    private func list(_ contents: SevenZipHeader.Contents, _ subject: ScanSubject, _ session: ScanSession) throws -> [ArchiveMember] {
        var members: [ArchiveMember] = []
        var files = contents.files[...]
        var position = contents.streams.position
        for folder in contents.streams.folders {
            let content = try unpack(folder, at: position, subject, session)
            position += folder.packedSize
            var offset: Int64 = 0
            for piece in folder.files {
                guard let file = files.first(where: { $0.hasStream }), let index = files.firstIndex(where: { $0.hasStream }) else {
                    throw ReadFault.malformed("a file without a name", at: position)
                }
                files = files[(index + 1)...]
                try session.entered()
                let slice = try content.slice(at: offset, length: piece.size)
                if file.isLink { session.add(.memberLink, file.name, in: subject.inside(file.name, bytes)) }
                members.append(
                    ArchiveMember(name: file.name, size: piece.size, offset: 0) { _ in
                        if let checksum = piece.checksum { try slice.verify(checksum) }
                        return slice
                    })
                offset += piece.size
            }
            guard offset == content.count else { throw ReadFault.malformed("bytes of a folder that belong to no file", at: position) }
        }
        guard !files.contains(where: { $0.hasStream }) else { throw ReadFault.malformed("a file without content", at: position) }
        return members
    }

    private func unpack(_ folder: SevenZipHeader.Folder, at position: Int64, _ subject: ScanSubject, _ session: ScanSession) throws -> any RandomAccess {
        var source: any ByteSource = SequentialSource(try bytes.slice(at: position, length: folder.packedSize))
        var coders = folder.coders[...]
        while let coder = coders.popFirst() {
            // What one step gives to the next is produced as well, whatever comes out at the end.
            defer { source = LimitedSource(source, count: coder.size) }
            if !coders.isEmpty { try session.produced(Int(clamping: coder.size)) }
            switch coder.method {
            case [0x00]: continue
            case LZMACodec.Raw.lzma, LZMACodec.Raw.lzma2:
                let filters = coders.prefix { LZMACodec.Raw.filters[$0.method] != nil }
                coders = coders.dropFirst(filters.count)
                let chain = LZMACodec.Raw(method: coder.method, properties: coder.properties, size: coder.size, filters: filters.map { ($0.method, $0.properties) })
                source = DecompressingSource(source, codec: try LZMACodec(chain))
            case [0x04, 0x01, 0x08]: source = try DecompressingSource(source, .deflate)
            case [0x04, 0x02, 0x02]: source = try DecompressingSource(source, .bz2)
            case [0x06, 0xf1, 0x07, 0x01]:
                session.add(.memberEncrypted, "AES", at: position, in: subject)
                throw ReadFault.malformed("encrypted content", at: position)
            default: throw ReadFault.malformed("method \(coder.method.hexadecimal), which is not read here", at: position)
            }
        }
        let content = try session.spool(LimitedSource(source, count: folder.size))
        guard let checksum = folder.checksum else { return content }
        do {
            try content.verify(checksum)
        } catch is ChecksumFault {
            throw ReadFault.malformed("content that its checksum denies", at: position)
        }
        return content
    }
}
