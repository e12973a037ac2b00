internal import Logging
internal import Subprocess
internal import SystemPackage

/// Runs `uv`, the package installer (https://docs.astral.sh/uv/). It resolves and downloads; it never runs what it installs.
struct Uv: Sendable {
    let executable: String
    /// Cache on the same file system as the environments, so that packages are shared by hard links.
    let cache: String

    struct Answer: Sendable {
        let isSuccess: Bool
        let output: String
        let errors: String
    }

    private static let timeLimit = Duration.seconds(900)

    /// - Parameter input: Given on standard input.
    /// - Throws: ``EnvironmentFailure`` after fifteen minutes.
    func run(_ arguments: [String], input: String = "") async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await execute(arguments, input: input) }
            group.addTask {
                try await Task.sleep(for: Self.timeLimit)
                throw EnvironmentFailure(step: .installation, output: "The package installer did not end within \(Self.timeLimit).")
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }

    private func execute(_ arguments: [String], input: String) async throws -> Answer {
        let result = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: Arguments(arguments),
            environment: .inherit.updating([
                "UV_CACHE_DIR": cache, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "UV_NO_CONFIG": "1", "NO_COLOR": "1",
                "UV_LINK_MODE": "hardlink", "VIRTUAL_ENV": nil,
                "MARTLET_ADMIN_PASSWORD": nil, "MARTLET_PASSWORD": nil,
            ]),
            input: .string(input),
            output: .string(limit: 8 << 20),
            error: .string(limit: 8 << 20)
        )
        return Answer(
            isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput, errors: result.standardError
        )
    }
}
