/// Texts have no magic: their names say what they are.
package enum TextKind: String, Sendable, CaseIterable {
    case python, yaml, requirements

    /// - Parameter name: The last part of a path.
    /// - Returns: nil for every other name.
    package init?(name: String) {
        if name.hasSuffix(".py") {
            self = .python
        } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name == "MLmodel" {
            self = .yaml
        } else if name.hasPrefix("requirements"), name.hasSuffix(".txt") {
            self = .requirements
        } else {
            return nil
        }
    }
}
