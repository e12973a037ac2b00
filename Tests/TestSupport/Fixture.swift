/// Files under Tests/Fixtures, written by scripts/make_fixtures.py with the real libraries.
package enum Fixture {
    /// Absolute path of a fixture.
    package static func path(_ name: String, from file: StaticString = #filePath) -> String {
        let support = "\(file)"
        let tests = support.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        return "\(tests)/Fixtures/\(name)"
    }
}
