internal import Crypto
internal import Domain
internal import Foundation
internal import Glibc

/// Builds environments once and keeps them by what is in them.
///
/// An environment is built under another name and renamed when it is complete, so a folder with its final name is good.
package struct EnvironmentStore: Sendable {
    /// What is being done, for the task's progress.
    package typealias Progress = @Sendable (String) async -> Void

    private let folder: String
    private let uv: Uv?
    private let builds = OncePerKey<String, PythonEnvironment>()

    /// - Parameters:
    ///   - folder: Where environments live; on one file system with its `cache`.
    ///   - uv: The executable; nil when it was not found.
    package init(folder: String, uv: String?) {
        self.folder = folder
        self.uv = uv.map { Uv(executable: $0, cache: "\(folder)/.cache") }
    }

    /// The environment for `requirements`, built now unless it is there.
    /// - Parameter python: `3.11`; nil takes the system's own.
    /// - Throws: ``EnvironmentFailure`` with the resolver's words.
    package func environment(for requirements: [Requirement], python: String?, progress: Progress) async throws -> PythonEnvironment {
        guard let uv else { throw EnvironmentFailure(step: .python, output: "uv is not installed. hint: pip install uv, or set MARTLET_UV.") }
        let interpreter = try await interpreter(python, uv)
        await progress("Resolving \(requirements.count) requirements")
        let lock = try await resolve(requirements, interpreter, uv)
        let key = Self.key(of: lock, python: interpreter.version)
        if let ready = try? read(key) { return ready }
        await progress("Installing \(lock.split(separator: "\n").count { $0.contains("==") }) packages")
        return try await builds.value(for: key) {
            if let ready = try? read(key) { return ready }
            return try await build(key, lock, interpreter, uv)
        }
    }

    /// An environment that was built before.
    package func environment(key: String) throws -> PythonEnvironment {
        try read(key)
    }

    /// Everything that is installed in it, with the digests of the wheels, as `pip install --require-hashes` takes it.
    package func lock(of key: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(key)/martlet.lock", encoding: .utf8)
    }

    /// Keys of all complete environments.
    package func keys() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Removes builds that did not end and environments that nobody uses.
    /// - Parameter age: Seconds for which they are left alone: a build may run, or its version not be written yet.
    package func sweep(keeping used: Set<String>, olderThan age: Double) {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(".building-") || (!name.hasPrefix(".") && !used.contains(name)) {
            let path = "\(folder)/\(name)"
            let changed = (try? manager.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            if let changed, -changed.timeIntervalSinceNow >= age { try? manager.removeItem(atPath: path) }
        }
    }

    // MARK: - Steps

    struct Interpreter: Sendable {
        let path: String
        let version: String
        let root: String?
    }

    private func interpreter(_ wanted: String?, _ uv: Uv) async throws -> Interpreter {
        let found = try await uv.run(["python", "find", "--no-project", wanted ?? "/usr/bin/python3"])
        guard found.isSuccess else {
            throw EnvironmentFailure(step: .python, output: "Python \(wanted ?? "3") is not installed here. \(Self.tidy(found.errors))")
        }
        let path = found.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let probe = Uv(executable: path, cache: uv.cache)
        let answer = try await probe.run(["-I", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.base_prefix)"])
        let lines = answer.output.split(separator: "\n").map(String.init)
        guard answer.isSuccess, lines.count == 2 else {
            throw EnvironmentFailure(step: .python, output: "The interpreter found for Python \(wanted ?? "3") does not run.")
        }
        return Interpreter(path: path, version: lines[0], root: lines[1] == "/usr" ? nil : lines[1])
    }

    private func resolve(_ requirements: [Requirement], _ interpreter: Interpreter, _ uv: Uv) async throws -> String {
        let answer = try await uv.run(
            [
                "pip", "compile", "-q", "--no-header", "--no-annotate", "--python", interpreter.path, "--only-binary", ":all:", "--generate-hashes", "-",
            ],
            input: requirements.map(\.text).sorted().joined(separator: "\n") + "\n"
        )
        guard answer.isSuccess else { throw EnvironmentFailure(step: .resolution, output: Self.tidy(answer.errors)) }
        return answer.output
    }

    private func build(_ key: String, _ lock: String, _ interpreter: Interpreter, _ uv: Uv) async throws -> PythonEnvironment {
        let building = "\(folder)/.building-\(key)"
        let manager = FileManager.default
        try? manager.removeItem(atPath: building)
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = try await uv.run(["venv", "-q", "--relocatable", "--python", interpreter.path, building])
        guard made.isSuccess else { throw EnvironmentFailure(step: .installation, output: Self.tidy(made.errors)) }
        let lockFile = "\(building)/martlet.lock"
        try Data(lock.utf8).write(to: URL(fileURLWithPath: lockFile))
        let installed = try await uv.run(
            ["pip", "install", "-q", "--python", "\(building)/bin/python", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", lockFile]
        )
        guard installed.isSuccess else {
            try? manager.removeItem(atPath: building)
            throw EnvironmentFailure(step: .installation, output: Self.tidy(installed.errors))
        }
        let environment = PythonEnvironment(
            key: key, path: "\(folder)/\(key)", pythonVersion: interpreter.version, interpreterRoot: interpreter.root,
            packages: Self.packages(in: lock)
        )
        try JSONEncoder().encode(environment).write(to: URL(fileURLWithPath: "\(building)/martlet.json"))
        guard unsafe rename(building, environment.path) == 0 else {
            throw EnvironmentFailure(step: .installation, output: "The finished environment could not be moved to its place.")
        }
        return environment
    }

    private func read(_ key: String) throws -> PythonEnvironment {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(key)/martlet.json"))
        return try JSONDecoder().decode(PythonEnvironment.self, from: data)
    }

    private static func key(of lock: String, python: String) -> String {
        let digest = SHA256.hash(data: Data("\(lock)\(python)".utf8))
        return digest.prefix(16).hexadecimal
    }

    /// `name==version` at the start of the lock's lines.
    private static func packages(in lock: String) -> [String: String] {
        var packages: [String: String] = [:]
        for line in lock.split(separator: "\n") where !line.hasPrefix(" ") {
            let parts = line.prefix { $0 != " " && $0 != ";" }.split(separator: "=", omittingEmptySubsequences: true)
            if parts.count == 2 { packages[String(parts[0])] = String(parts[1]) }
        }
        return packages
    }

    /// The installer's words without its line breaks, and without addresses and paths of this machine.
    static func tidy(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map { word in
            guard let slash = word.firstIndex(of: "/") else { return String(word) }
            let begin = word[..<slash].lastIndex { "\"'`(<[=".contains($0) }.map(word.index(after:)) ?? word.startIndex
            let tail = word[slash...].firstIndex { "\"'`)>]".contains($0) } ?? word.endIndex
            return String(word[..<begin]) + "…" + String(word[tail...])
        }
        return String(words.joined(separator: " ").prefix(2000))
    }
}
