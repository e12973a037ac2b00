internal import Files

/// Reads tables, vectors and strings of a flatbuffer; every offset is checked.
/// https://flatbuffers.dev/internals/
final class FlatbufferReader {
    private static let maximumWork = 16 << 20
    let bytes: any RandomAccess
    private var work = 0

    init(bytes: any RandomAccess) {
        self.bytes = bytes
    }

    /// Tables and names may be shared by thousands of references: what is read is counted each time.
    private func spend(_ count: Int) throws {
        work += count + 16
        guard work <= Self.maximumWork else { throw ReadFault.limit("more than \(Self.maximumWork) bytes of tables", at: 0) }
    }

    struct Table {
        fileprivate let position: Int64
        fileprivate let fields: [UInt16]
    }

    /// The outermost table.
    func root() throws -> Table { try table(at: try indirect(0)) }

    /// The table behind a field; nil when the field is not there.
    func table(_ table: Table, _ field: Int) throws -> Table? {
        try place(table, field).map { try self.table(at: try indirect($0)) }
    }

    /// The tables of a vector; at most `limit`.
    func tables(_ table: Table, _ field: Int, limit: Int = 1_000_000) throws -> [Table] {
        guard let (start, count) = try vector(table, field, elementSize: 4, limit: limit) else { return [] }
        return try (0..<count).map { try self.table(at: try indirect(start + Int64($0) * 4)) }
    }

    func integers(_ table: Table, _ field: Int, limit: Int = 1_000_000) throws -> [Int32] {
        guard let (start, count) = try vector(table, field, elementSize: 4, limit: limit) else { return [] }
        try spend(count * 4)
        var fields = LittleEndianFields(try bytes.exactly(count * 4, at: start))
        return (0..<count).map { _ in Int32(truncatingIfNeeded: fields.next(4)) }
    }

    /// Length of a vector of bytes; nil when it is not there.
    func byteCount(_ table: Table, _ field: Int) throws -> Int? {
        try vector(table, field, elementSize: 1, limit: Int.max)?.count
    }

    /// Elements of a vector; 0 when it is not there.
    func count(_ table: Table, _ field: Int, elementSize: Int64) throws -> Int {
        try vector(table, field, elementSize: elementSize, limit: Int(clamping: bytes.count / elementSize))?.count ?? 0
    }

    /// The first `limit` bytes of a text.
    func text(_ table: Table, _ field: Int, limit: Int = 1024) throws -> String? {
        guard let (start, count) = try vector(table, field, elementSize: 1, limit: 1 << 20) else { return nil }
        try spend(min(count, limit))
        return String(decoding: try bytes.exactly(min(count, limit), at: start), as: UTF8.self)
    }

    /// A number of `width` bytes; `standard` when the field is not there.
    func number(_ table: Table, _ field: Int, width: Int, standard: Int64 = 0) throws -> Int64 {
        guard let place = try place(table, field) else { return standard }
        var fields = LittleEndianFields(try bytes.exactly(width, at: place))
        return Int64(truncatingIfNeeded: fields.next(width))
    }

    // MARK: - Offsets

    private func table(at position: Int64) throws -> Table {
        let back = Int64(Int32(truncatingIfNeeded: try unsigned(4, at: position)))
        let start = position - back
        guard start >= 0, start < bytes.count else { throw ReadFault.truncated(at: position) }
        let size = Int(try unsigned(2, at: start))
        try spend(size)
        guard size >= 4, size <= 1024, size.isMultiple(of: 2) else { throw ReadFault.malformed("a table description of \(size) bytes", at: start) }
        var fields = LittleEndianFields(try bytes.exactly(size - 4, at: start + 4))
        return Table(position: position, fields: (0..<(size - 4) / 2).map { _ in UInt16(fields.next(2)) })
    }

    private func place(_ table: Table, _ field: Int) throws -> Int64? {
        guard field < table.fields.count, table.fields[field] != 0 else { return nil }
        return table.position + Int64(table.fields[field])
    }

    private func vector(_ table: Table, _ field: Int, elementSize: Int64, limit: Int) throws -> (start: Int64, count: Int)? {
        guard let place = try place(table, field) else { return nil }
        let start = try indirect(place)
        let count = Int64(try unsigned(4, at: start))
        guard count <= Int64(limit) else { throw ReadFault.limit("a vector of \(count) elements", at: start) }
        guard start + 4 + count * elementSize <= bytes.count else { throw ReadFault.truncated(at: start) }
        return (start + 4, Int(count))
    }

    /// Follows the offset that stands at `place`.
    private func indirect(_ place: Int64) throws -> Int64 {
        let target = place + Int64(try unsigned(4, at: place))
        guard target + 4 <= bytes.count else { throw ReadFault.truncated(at: place) }
        return target
    }

    private func unsigned(_ width: Int, at place: Int64) throws -> UInt64 {
        var fields = LittleEndianFields(try bytes.exactly(width, at: place))
        return fields.next(width)
    }
}
