internal import Domain
internal import Formats
internal import Logging
internal import Workers

extension ValidationHandler {
    /// With the tools that convert a network, unless they contradict what the model needs.
    private func environment(_ set: RequirementSet, python: String?, _ progress: TaskProgress) async throws -> PythonEnvironment {
        let report: EnvironmentStore.Progress = { step in try? await progress.step(step, 0.35) }
        if !set.tools.isEmpty {
            do {
                return try await environments.environment(for: set.requirements + set.tools, python: python, progress: report)
            } catch let failure as EnvironmentFailure where failure.step == .resolution {
                logger.info("A network is not converted: the tools do not go together with its requirements", metadata: ["error": "\(failure.output)"])
            }
        }
        return try await environments.environment(for: set.requirements, python: python, progress: report)
    }

    /// Dependencies: what is asked for, what the file itself needs, and whether it installs.
    func prepareEnvironment(_ run: inout ValidationRun, _ artifact: ScannedArtifact, _ progress: TaskProgress) async throws -> PythonEnvironment? {
        let start = ContinuousClock.now
        let given = try run.version.requirements.map { try Requirement($0) }
        let set = RequirementSet(given: given, facts: artifact.facts, format: artifact.format)
        guard set.conflicts.isEmpty else {
            run.add(
                .dependencies, .failed,
                "The requirements contradict the file: \(set.conflicts.joined(separator: "; ")). hint: leave the package out, and the file's own version is used.",
                facts: ["missing_dependencies": [], "conflicts": .strings(set.conflicts)], since: start
            )
            return nil
        }
        do {
            let environment = try await environment(set, python: run.version.pythonVersion, progress)
            run.version.environmentKey = environment.key
            run.add(
                .dependencies, .passed, "All \(environment.packages.count) packages are installed, from wheels with checked hashes.",
                facts: [
                    "missing_dependencies": [], "conflicts": [], "derived_requirements": .strings(set.derived),
                    "packages": .object(environment.packages.mapValues { .string($0) }), "environment": .string(environment.key),
                    "python_version": .string(environment.pythonVersion),
                ], since: start
            )
            return environment
        } catch let failure as EnvironmentFailure {
            if let key = run.version.environmentKey, let known = try? environments.environment(key: key) {
                run.add(
                    .dependencies, .warning,
                    "The environment of the last validation is used, since it could not be made anew (\(failure.step.rawValue)): \(failure.output)",
                    facts: ["missing_dependencies": [], "conflicts": [], "environment": .string(key), "python_version": .string(known.pythonVersion)], since: start
                )
                return known
            }
            let isConflict = failure.output.contains("unsatisfiable")
            run.add(
                .dependencies, .failed, "The environment could not be made (\(failure.step.rawValue)): \(failure.output)",
                facts: [
                    "missing_dependencies": isConflict ? [] : .strings([failure.output]), "conflicts": isConflict ? .strings([failure.output]) : [],
                ], since: start
            )
            return nil
        }
    }
}
