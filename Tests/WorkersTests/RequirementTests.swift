import Domain
import Testing

@testable import Workers

@Suite("Requirements")
struct RequirementTests {
    @Test(
        "What is a name with versions is read and normalised",
        arguments: [
            ("scikit_learn == 1.3.2", "scikit-learn==1.3.2"), ("NumPy", "numpy"), ("pandas>=2,<3", "pandas>=2,<3"),
            ("uvicorn[standard] ~= 0.2", "uvicorn[standard]~=0.2"),
            ("x>=1 ; python_version < '3.12'", "x>=1 ; python_version < '3.12'"), ("a.b_c--d!=1.*", "a-b-c-d!=1.*"),
        ])
    func accepted(line: String, text: String) throws {
        #expect(try Requirement(line).text == text)
    }

    @Test(
        "What an installer would fetch, read or run is refused",
        arguments: [
            "-r other.txt", "-e .", "--index-url https://x", "--extra-index-url=https://x", "git+https://x/y", "x @ https://y/z.whl", "x@file:///etc/passwd",
            "https://x/y.whl",
            "/etc/passwd", "./x", "../x", "x==1; os.system('id') \\", "x==", "x 1.0", "", "==1", "x==1 --hash=sha256:0", "x\u{0}", "é", "x[", "x;y;`id`",
        ])
    func refused(line: String) {
        #expect(throws: PlatformError.self) { try Requirement(line) }
    }

    @Test("A file is read line by line, with comments and all line ends")
    func files() throws {
        #expect(try Requirement.parse("# all\r\nnumpy>=2 # arrays\n\n  pandas  \rscipy").map(\.text) == ["numpy>=2", "pandas", "scipy"])
    }

    @Test(
        "The installer's words are told without paths and addresses",
        arguments: [
            ("no `/root/x/y` (/a/b), see https://index.test/simple/p", "no `…` (…), see …"), ("file:///etc/passwd failed", "… failed"),
            ("a==1 and b\n  clash", "a==1 and b clash"),
        ])
    func tidied(text: String, expected: String) {
        #expect(EnvironmentStore.tidy(text) == expected)
    }

    private func facts(_ change: (inout ArtifactFacts) -> Void) -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "scikit-learn"
        facts.frameworkVersion = "1.5.2"
        facts.packages = ["numpy", "sklearn"]
        change(&facts)
        return facts
    }

    @Test("A file's own version is used, never another minor one")
    func derived() {
        let set = RequirementSet(given: [], facts: facts { _ in }, format: .joblib)
        #expect(set.requirements.map(\.text) == ["scikit-learn==1.5.2", "joblib", "numpy"])
        #expect(RequirementSet(given: [Requirement(name: "scikit-learn", specifiers: "==1.5.0")], facts: facts { _ in }, format: .pickle).conflicts.isEmpty)
        #expect(RequirementSet(given: [Requirement(name: "scikit-learn", specifiers: "==1.3.0")], facts: facts { _ in }, format: .pickle).conflicts.count == 1)
        let named = RequirementSet(
            given: [],
            facts: facts {
                $0.featureNames = ["a"]; $0.compression = "lz4"; $0.impliedRequirements = ["numpy>=2"]
            }, format: .joblib)
        #expect(named.requirements.map(\.text) == ["scikit-learn==1.5.2", "pandas", "joblib", "lz4", "numpy", "numpy>=2"])
    }
}
