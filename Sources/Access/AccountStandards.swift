package import Domain

/// What accounts may use of which nothing else is said.
package struct AccountStandards: Sendable {
    package let free: AccountLimits
    package let premium: AccountLimits

    package init(free: AccountLimits, premium: AccountLimits) {
        self.free = free
        self.premium = premium
    }

    /// Admins are held back by nothing but what was set for them.
    package func limits(of user: User) -> AccountLimits {
        guard user.role != .admin else { return user.limits }
        return user.limits.filled(from: user.subscription == .premium ? premium : free)
    }
}
