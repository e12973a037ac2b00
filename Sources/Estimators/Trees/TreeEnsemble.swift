/// A node of a flat tree, 24 bytes. A leaf leads to itself, so that a walk of a fixed length needs no test for the end.
struct TreeNode: Sendable {
    /// What happens to a value that is missing.
    enum Missing: UInt8, Sendable {
        /// NaN takes the side that the node names.
        case nan
        /// NaN counts as zero.
        case none
        /// NaN and zero take the side that the node names.
        case zero
    }

    var threshold: Double
    var feature: Int32
    /// Where values up to the threshold go, and members of the category set.
    var left: Int32
    var right: Int32
    /// Index into the ensemble's category sets; -1 for a threshold.
    var categories: Int16 = -1
    var missing: Missing = .nan
    var missingGoesLeft = false
}

/// Categories by number, as a bit set.
struct CategorySet: Sendable {
    let words: [UInt32]

    func contains(_ category: Int) -> Bool {
        category >= 0 && category >> 5 < words.count && words[category >> 5] & (1 << UInt32(category & 31)) != 0
    }
}

/// Trees side by side in one array: a forest or a sequence of boosted trees.
struct TreeEnsemble: Sendable {
    /// How a library reads a category from a number; the answer is the side, nil for the side of missing values.
    typealias CategoryRule = @Sendable (_ value: Double, _ set: CategorySet, _ feature: Int) -> Bool?

    private(set) var nodes: [TreeNode] = []
    /// For each node the index of its leaf, -1 for a split.
    private(set) var leaves: [Int32] = []
    private(set) var roots: [Int32] = []
    private var depths: [Int] = []
    private var sets: [CategorySet] = []
    private var needsCare = false
    private var scorer = TreeScorer()
    /// Whether all values that are compared are those of 32 bits.
    private let isSingle: Bool
    var categoryRule: CategoryRule?

    init(isSingle: Bool = false) {
        self.isSingle = isSingle
    }

    /// Features up to this index are split.
    private(set) var featureCount = 0

    var treeCount: Int { roots.count }
    private(set) var leafCount = 0

    /// Rows that walk a tree together.
    private static let lanes = 8

    /// Adds a tree whose children are numbered within it; a node without children is a leaf.
    /// - Parameters:
    ///   - splits: One for each node; nil for a leaf. A child stands behind its parent, so that no walk can run in a circle.
    /// - Throws: ``Uncovered`` when a child or feature does not exist.
    mutating func add(_ splits: [TreeNode?], sets newSets: [CategorySet] = [], of name: String) throws {
        let start = Int32(nodes.count)
        guard !splits.isEmpty, nodes.count + splits.count < Int(Int32.max), sets.count + newSets.count < Int(Int16.max) else {
            throw Uncovered("\(name): a tree of \(splits.count) nodes")
        }
        if isSingle { scorer.add(splits, firstLeaf: leafCount) }
        var depth = [Int](repeating: 0, count: splits.count)
        for (index, split) in splits.enumerated() {
            guard var node = split else {
                nodes.append(TreeNode(threshold: .infinity, feature: 0, left: start + Int32(index), right: start + Int32(index)))
                leaves.append(Int32(leafCount))
                leafCount += 1
                continue
            }
            for child in [node.left, node.right] {
                guard child > index, child < splits.count else { throw Uncovered("\(name): a tree whose nodes lead backwards") }
                depth[Int(child)] = max(depth[Int(child)], depth[index] + 1)
            }
            guard node.feature >= 0 else { throw Uncovered("\(name): a split without a feature") }
            featureCount = max(featureCount, Int(node.feature) + 1)
            node.left += start
            node.right += start
            if node.categories >= 0 {
                guard Int(node.categories) < newSets.count else { throw Uncovered("\(name): a split without its categories") }
                node.categories += Int16(sets.count)
            }
            if node.categories >= 0 || node.missing == .zero { needsCare = true }
            nodes.append(node)
            leaves.append(-1)
        }
        sets += newSets
        roots.append(start)
        depths.append(depth.max() ?? 0)
    }

    /// Calls `body` with the leaf that each row reaches in each tree: for one row all trees in their order.
    ///
    /// - Parameters:
    ///   - input: `[rows, columns]`; at least ``featureCount`` columns.
    ///   - trees: The trees that are walked.
    @inline(__always)
    func walk(_ input: Matrix, trees: Range<Int>? = nil, _ body: (_ tree: Int, _ row: Int, _ leaf: Int) -> Void) {
        precondition(input.columns >= featureCount)
        let trees = trees ?? 0..<roots.count
        let isPlain = !needsCare && !input.values.containsNaN
        unsafe nodes.withUnsafeBufferPointer { nodes in
            unsafe input.values.withUnsafeBufferPointer { values in
                guard let nodes = nodes.baseAddress, let values = values.baseAddress else { return }
                if !isPlain {
                    for row in 0..<input.rows {
                        for tree in trees { body(tree, row, Int(leaves[unsafe careful(nodes, values + row * input.columns, tree)])) }
                    }
                } else if input.rows < Self.lanes {
                    for row in 0..<input.rows {
                        unsafe walkTrees(nodes, values + row * input.columns, trees) { tree, leaf in body(tree, row, leaf) }
                    }
                } else {
                    unsafe walkBlocks(nodes, values, input, trees, body)
                }
            }
        }
    }

    /// Rows in blocks that stay in the cache while all trees pass over them.
    @inline(__always)
    private func walkBlocks(
        _ nodes: UnsafePointer<TreeNode>, _ values: UnsafePointer<Double>, _ input: Matrix, _ trees: Range<Int>, _ body: (Int, Int, Int) -> Void
    ) {
        var block = TransposedBlock(columns: featureCount)
        for start in stride(from: 0, to: input.rows, by: TransposedBlock.rows) {
            let count = min(TransposedBlock.rows, input.rows - start)
            if isSingle { unsafe block.fill(values + start * input.columns, rows: count, stride: input.columns) }
            for tree in trees {
                if isSingle, let first = scorer.places[tree] {
                    scorer.score(first, block, rows: count) { row, leaf in body(tree, start + row, leaf) }
                } else {
                    unsafe walkRows(nodes, values + start * input.columns, input.columns, count, tree) { row, leaf in body(tree, start + row, leaf) }
                }
            }
        }
    }

    /// One tree over some rows, eight side by side: none waits for the memory of another.
    @inline(__always)
    private func walkRows(
        _ nodes: UnsafePointer<TreeNode>, _ rows: UnsafePointer<Double>, _ columns: Int, _ count: Int, _ tree: Int, _ body: (Int, Int) -> Void
    ) {
        let root = roots[tree]
        let depth = depths[tree]
        for start in stride(from: 0, to: count, by: Self.lanes) {
            let lanes = min(Self.lanes, count - start)
            var places = SIMD8<Int32>(repeating: root)
            // Lanes beyond the last row walk with it again.
            var offsets = SIMD8<Int>.zero
            for lane in 0..<Self.lanes { offsets[lane] = (start + min(lane, lanes - 1)) * columns }
            for _ in 0..<depth {
                for lane in 0..<Self.lanes {
                    let node = unsafe nodes + Int(places[lane])
                    let value = unsafe rows[offsets[lane] + Int(node.pointee.feature)]
                    places[lane] = unsafe value <= node.pointee.threshold ? node.pointee.left : node.pointee.right
                }
            }
            for lane in 0..<lanes { body(start + lane, Int(leaves[Int(places[lane])])) }
        }
    }

    /// One row through all trees, eight side by side.
    @inline(__always)
    private func walkTrees(_ nodes: UnsafePointer<TreeNode>, _ row: UnsafePointer<Double>, _ trees: Range<Int>, _ body: (Int, Int) -> Void) {
        unsafe leaves.withUnsafeBufferPointer { leaves in
            unsafe roots.withUnsafeBufferPointer { roots in
                var tree = trees.lowerBound
                while tree < trees.upperBound {
                    let lanes = min(Self.lanes, trees.upperBound - tree)
                    var places = SIMD8<Int32>.zero
                    var depth = 0
                    for lane in 0..<lanes {
                        unsafe places[lane] = roots[tree + lane]
                        depth = max(depth, depths[tree + lane])
                    }
                    for _ in 0..<depth {
                        for lane in 0..<Self.lanes {
                            let node = unsafe nodes + Int(places[lane])
                            places[lane] = unsafe row[Int(node.pointee.feature)] <= node.pointee.threshold ? node.pointee.left : node.pointee.right
                        }
                    }
                    for lane in 0..<lanes { body(tree + lane, Int(unsafe leaves[Int(places[lane])])) }
                    tree += Self.lanes
                }
            }
        }
    }

    private func careful(_ nodes: UnsafePointer<TreeNode>, _ row: UnsafePointer<Double>, _ tree: Int) -> Int {
        var place = Int(roots[tree])
        while leaves[place] < 0 {
            let node = unsafe nodes[place]
            place = Int(goesLeft(unsafe row[Int(node.feature)], node) ? node.left : node.right)
        }
        return place
    }

    private func goesLeft(_ stated: Double, _ node: TreeNode) -> Bool {
        var value = stated
        if node.categories >= 0 {
            return categoryRule?(value, sets[Int(node.categories)], Int(node.feature)) ?? node.missingGoesLeft
        }
        if value.isNaN {
            if node.missing != .none, node.missing != .zero { return node.missingGoesLeft }
            value = 0
        }
        // LightGBM: kZeroThreshold.
        if node.missing == .zero, abs(value) <= 1e-35 { return node.missingGoesLeft }
        return value <= node.threshold
    }
}
