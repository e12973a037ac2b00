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
    var categoryRule: CategoryRule?

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

    /// Calls `body` with the leaf that each row reaches in each tree: all trees in order for one row, rows in blocks.
    ///
    /// - Parameters:
    ///   - input: `[rows, columns]`; at least ``featureCount`` columns.
    ///   - trees: The trees that are walked.
    @inline(__always)
    func walk(_ input: Matrix, trees: Range<Int>? = nil, _ body: (_ tree: Int, _ row: Int, _ leaf: Int) -> Void) {
        precondition(input.columns >= featureCount)
        let isPlain = !needsCare && !input.values.contains { $0.isNaN }
        let trees = trees ?? 0..<roots.count
        unsafe nodes.withUnsafeBufferPointer { nodes in
            unsafe input.values.withUnsafeBufferPointer { values in
                guard let nodes = nodes.baseAddress, let values = values.baseAddress else { return }
                var block = 0
                while block < input.rows {
                    let end = min(input.rows, block + 64)
                    for tree in trees {
                        var row = block
                        while isPlain, row + Self.lanes <= end {
                            unsafe walkEight(nodes, values + row * input.columns, input.columns, tree) { lane, node in
                                body(tree, row + lane, Int(leaves[node]))
                            }
                            row += Self.lanes
                        }
                        while row < end {
                            let node = unsafe isPlain ? plain(nodes, values + row * input.columns, tree) : careful(nodes, values + row * input.columns, tree)
                            body(tree, row, Int(leaves[node]))
                            row += 1
                        }
                    }
                    block = end
                }
            }
        }
    }

    @inline(__always)
    private func walkEight(
        _ nodes: UnsafePointer<TreeNode>, _ rows: UnsafePointer<Double>, _ columns: Int, _ tree: Int, _ body: (Int, Int) -> Void
    ) {
        var places = SIMD8<Int32>(repeating: roots[tree])
        for _ in 0..<depths[tree] {
            for lane in 0..<Self.lanes {
                let node = unsafe nodes + Int(places[lane])
                let value = unsafe rows[lane * columns + Int(node.pointee.feature)]
                places[lane] = unsafe value <= node.pointee.threshold ? node.pointee.left : node.pointee.right
            }
        }
        for lane in 0..<Self.lanes { body(lane, Int(places[lane])) }
    }

    @inline(__always)
    private func plain(_ nodes: UnsafePointer<TreeNode>, _ row: UnsafePointer<Double>, _ tree: Int) -> Int {
        var place = Int(roots[tree])
        while true {
            let node = unsafe nodes + place
            let next = unsafe Int(row[Int(node.pointee.feature)] <= node.pointee.threshold ? node.pointee.left : node.pointee.right)
            if next == place { return place }
            place = next
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
