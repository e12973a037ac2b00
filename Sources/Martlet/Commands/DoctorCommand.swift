internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Store
internal import Workers

/// `martlet doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "doctor", abstract: "Say what is installed, what is missing, and what mends it.")

    @OptionGroup var flags: SettingFlags

    func run() async throws {
        let settings = try await flags.settings()
        var isGood = true
        func report(_ good: Bool, _ name: String, _ found: String, hint: String? = nil) {
            isGood = isGood && good
            let line = "\(good ? "ok     " : "missing") \(name): \(found)" + (good ? "" : hint.map { "\n        hint: \($0)" } ?? "")
            FileHandle.standardOutput.write(Data("\(line)\n".utf8))
        }
        let sandbox = Sandbox(limits: SandboxLimits(memoryBytes: settings.workerMemory), environments: "\(settings.dataDir)/environments")
        let isStrong = sandbox.level == .full || sandbox.level == .rootNamespaces
        report(isStrong, "sandbox", "level \(sandbox.level.rawValue), \(sandbox.level.summary)", hint: "see the lines below")
        for hint in sandbox.hints { FileHandle.standardOutput.write(Data("        hint: \(hint)\n".utf8)) }
        report(true, "cgroups", sandbox.cgroups.version?.rawValue ?? "none; limits of the process are used instead")
        report(settings.uv != nil, "uv", settings.uv ?? "not found", hint: "pip install uv, or set MARTLET_UV")
        let python = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
        report(python, "python", python ? "/usr/bin/python3" : "not found", hint: "apt-get install python3")
        let worker = FileManager.default.fileExists(atPath: "\(settings.workerRoot)/martlet_worker/main.py")
        report(worker, "worker", settings.workerRoot, hint: "set MARTLET_WORKER_ROOT to the folder that holds martlet_worker")
        let onnxWorker = FileManager.default.isExecutableFile(atPath: settings.onnxWorker)
        report(onnxWorker, "ONNX worker", settings.onnxWorker, hint: "swift build --product martlet-onnx-worker, or set MARTLET_ONNX_WORKER")
        do {
            let data = try DataFolder(settings.dataDir)
            report(true, "data folder", data.root)
        } catch let error as PlatformError {
            report(false, "data folder", error.message, hint: "give another --data-dir")
        }
        if !isGood { throw ExitCode.failure }
    }
}

/// `martlet configuration`
struct ConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "configuration", abstract: "Print the page of all settings.")

    func run() throws {
        FileHandle.standardOutput.write(Data(Setting.page.utf8))
    }
}
