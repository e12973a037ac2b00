package import SystemPackage

/// A file, closed with the value's last copy.
package final class FileBytes: RandomAccess {
    package let count: Int64
    private let descriptor: FileDescriptor

    package convenience init(path: String) throws {
        try self.init(owning: try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .noFollow]))
    }

    /// Takes the descriptor over.
    package init(owning descriptor: FileDescriptor) throws {
        self.descriptor = descriptor
        do {
            count = try descriptor.seek(offset: 0, from: .end)
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    deinit {
        try? descriptor.close()
    }

    package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = unsafe try descriptor.read(fromAbsoluteOffset: offset + Int64(filled), into: part)
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Another descriptor of the same file, standing at its beginning; the caller closes it.
    package func duplicate() throws -> FileDescriptor {
        let copy = try descriptor.duplicate()
        _ = try copy.seek(offset: 0, from: .start)
        return copy
    }
}
