/// What a scan may cost; a file that needs more is refused, never passed.
package struct ScanLimits: Sendable {
    /// Bytes of a stream after decompression.
    package var maximumExpandedBytes: Int64
    /// Containers and objects of a graph.
    package var maximumNodes = 2_000_000
    /// Values on the stack, in the memo, or in all containers together.
    package var maximumValues = 6_000_000
    /// Bytes of one string, number or byte string.
    package var maximumScalarBytes = 64 << 20
    /// Members of all archives together.
    package var maximumMembers = 100_000
    /// Archives inside archives.
    package var maximumArchiveDepth = 4
    /// Pickles inside pickles.
    package var maximumNesting = 8
    /// Bytes of an array that are kept for its facts.
    package var maximumKeptArrayBytes = 1 << 20

    /// Limits for a file of `fileSize` bytes: content may expand a hundredfold, and to 256 MiB in any case.
    package init(fileSize: Int64) {
        let (hundredfold, overflow) = fileSize.multipliedReportingOverflow(by: 100)
        maximumExpandedBytes = overflow ? 16 << 30 : min(16 << 30, max(256 << 20, hundredfold))
    }
}
