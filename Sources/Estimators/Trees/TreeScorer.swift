/// Walks small trees without branches: every split of a tree is compared for many rows at once, and strikes out the leaves that a row
/// cannot reach any more; the leftmost leaf that stays is the one.
///
/// Source: Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees", 2015, and
/// "Exploiting CPU SIMD extensions to speed-up document scoring with tree ensembles", 2016.
struct TreeScorer: Sendable {
    /// Where a tree's splits and leaves stand.
    struct Place: Sendable {
        let splits: Range<Int>
        let firstLeaf: Int
    }

    /// One for each tree; nil for a tree that is too large or has categories.
    private(set) var places: [Place?] = []
    private var features: [Int32] = []
    private var thresholds: [Float] = []
    /// The leaves that stay when a value is above the threshold: all but those on the left.
    private var masks: [UInt32] = []
    /// Leaves from left to right, by their index in the ensemble.
    private var leaves: [Int32] = []

    private static let maximumLeaves = 32

    /// - Parameter splits: As ``TreeEnsemble/add(_:sets:of:)`` takes them, not checked yet.
    mutating func add(_ splits: [TreeNode?], firstLeaf: Int) {
        let count = splits.count { $0 == nil }
        let isPlain = splits.allSatisfy { $0.map { $0.categories < 0 && $0.missing == .nan } ?? true }
        guard count <= Self.maximumLeaves, isPlain, let order = LeafOrder(splits), order.nodes.count == count else { return places.append(nil) }
        let start = features.count
        for case let split? in splits {
            features.append(split.feature)
            let rounded = Float(split.threshold)
            thresholds.append(Double(rounded) <= split.threshold ? rounded : rounded.nextDown)
            let left = order.leaves[Int(split.left)]
            masks.append(~(((1 << UInt32(left.count)) &- 1) << UInt32(left.lowerBound)))
        }
        // The index of a leaf in the ensemble counts the leaves before it in the tree's own order of nodes.
        var ordinal: [Int: Int] = [:]
        for index in splits.indices where splits[index] == nil { ordinal[index] = ordinal.count }
        places.append(Place(splits: start..<features.count, firstLeaf: leaves.count))
        leaves += order.nodes.map { Int32(firstLeaf + (ordinal[$0] ?? 0)) }
    }

    /// All bits of a lane where the comparison holds, none where it does not: that is what a mask is stored as.
    @inline(__always)
    private static func bits(_ mask: SIMDMask<SIMD8<Int32>>) -> SIMD8<UInt32> { unsafe unsafeBitCast(mask, to: SIMD8<UInt32>.self) }

    /// Calls `body` with the leaf of each row of the block.
    @inline(__always)
    func score(_ place: Place, _ block: TransposedBlock, rows: Int, _ body: (_ row: Int, _ leaf: Int) -> Void) {
        let all = SIMD8<UInt32>(repeating: .max)
        var (a, b, c, d) = (all, all, all, all)
        unsafe block.values.withUnsafeBytes { columns in
            unsafe features.withUnsafeBufferPointer { features in
                unsafe thresholds.withUnsafeBufferPointer { thresholds in
                    unsafe masks.withUnsafeBufferPointer { masks in
                        for split in place.splits {
                            let column = unsafe columns.baseAddress.unsafelyUnwrapped + Int(features[split]) * TransposedBlock.rows * 4
                            let threshold = unsafe SIMD8<Float>(repeating: thresholds[split])
                            let mask = unsafe SIMD8<UInt32>(repeating: masks[split])
                            unsafe a &= mask | Self.bits(column.loadUnaligned(as: SIMD8<Float>.self) .<= threshold)
                            unsafe b &= mask | Self.bits(column.loadUnaligned(fromByteOffset: 32, as: SIMD8<Float>.self) .<= threshold)
                            unsafe c &= mask | Self.bits(column.loadUnaligned(fromByteOffset: 64, as: SIMD8<Float>.self) .<= threshold)
                            unsafe d &= mask | Self.bits(column.loadUnaligned(fromByteOffset: 96, as: SIMD8<Float>.self) .<= threshold)
                        }
                    }
                }
            }
        }
        unsafe leaves.withUnsafeBufferPointer { leaves in
            let first = place.firstLeaf
            for lane in 0..<min(8, rows) { body(lane, Int(unsafe leaves[first + a[lane].trailingZeroBitCount])) }
            for lane in 0..<max(0, min(8, rows - 8)) { body(lane + 8, Int(unsafe leaves[first + b[lane].trailingZeroBitCount])) }
            for lane in 0..<max(0, min(8, rows - 16)) { body(lane + 16, Int(unsafe leaves[first + c[lane].trailingZeroBitCount])) }
            for lane in 0..<max(0, min(8, rows - 24)) { body(lane + 24, Int(unsafe leaves[first + d[lane].trailingZeroBitCount])) }
        }
    }
}

/// Rows turned into columns of 32 values of 32 bits.
struct TransposedBlock {
    static let rows = 32
    private(set) var values: [Float]
    private let columns: Int

    init(columns: Int) {
        self.columns = columns
        values = [Float](repeating: 0, count: max(1, columns) * Self.rows)
    }

    /// - Parameter source: `[rows, stride]`; values that 32 bits hold exactly.
    @unsafe mutating func fill(_ source: UnsafePointer<Double>, rows: Int, stride: Int) {
        let columns = columns
        unsafe values.withUnsafeMutableBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<columns { unsafe values[column * Self.rows + row] = Float(source[row * stride + column]) }
            }
        }
    }
}

/// The leaves below each node, counted from left to right.
private struct LeafOrder {
    /// The nodes that are leaves, from left to right.
    private(set) var nodes: [Int] = []
    /// For each node the leaves below it.
    private(set) var leaves: [Range<Int>]

    /// - Returns: nil when a child does not stand behind its parent.
    init?(_ splits: [TreeNode?]) {
        leaves = [Range<Int>](repeating: 0..<0, count: splits.count)
        guard !splits.isEmpty, visit(0, splits) else { return nil }
    }

    private mutating func visit(_ index: Int, _ splits: [TreeNode?]) -> Bool {
        let start = nodes.count
        if let split = splits[index] {
            for child in [Int(split.left), Int(split.right)] {
                guard child > index, child < splits.count, nodes.count < splits.count, visit(child, splits) else { return false }
            }
        } else {
            nodes.append(index)
        }
        leaves[index] = start..<nodes.count
        return true
    }
}
