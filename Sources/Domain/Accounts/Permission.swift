/// What a role allows, or a key is cut down to. Names are part of the API.
package struct Permissions: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let uploadModels = Permissions(rawValue: 1 << 0)
    package static let readModels = Permissions(rawValue: 1 << 1)
    package static let executeModels = Permissions(rawValue: 1 << 2)
    package static let updateModels = Permissions(rawValue: 1 << 3)
    package static let deleteModels = Permissions(rawValue: 1 << 4)
    package static let promoteModels = Permissions(rawValue: 1 << 5)
    package static let manageModels = Permissions(rawValue: 1 << 6)
    /// Do all of these with the models of everybody.
    package static let administerModels = Permissions(rawValue: 1 << 7)
    package static let manageKeys = Permissions(rawValue: 1 << 8)
    package static let manageUsers = Permissions(rawValue: 1 << 9)
    package static let readAudit = Permissions(rawValue: 1 << 10)

    package static let all = Permissions(named.map(\.permission))

    /// Every permission with its name, in the order in which they are listed.
    package static let named: [(name: String, permission: Permissions)] = [
        ("models:upload", .uploadModels), ("models:read", .readModels), ("models:execute", .executeModels), ("models:update", .updateModels),
        ("models:delete", .deleteModels), ("models:promote", .promoteModels), ("models:manage", .manageModels),
        ("models:administer", .administerModels), ("keys:manage", .manageKeys), ("users:manage", .manageUsers), ("audit:read", .readAudit),
    ]

    package var names: [String] { Self.named.filter { contains($0.permission) }.map(\.name) }

    /// - Returns: nil when a name is no permission.
    package init?(names: [String]) {
        var permissions: Permissions = []
        for name in names {
            guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
            permissions.formUnion(found.permission)
        }
        self = permissions
    }
}
