/// A Python program to run in the sandbox: its environment, its code, nothing of the model.
package struct WorkerCommand: Sendable {
    /// Folder of the virtual environment.
    package let environment: String
    /// Folder that holds the interpreter the environment was made with; nil when it lies under `/usr`.
    package let interpreterRoot: String?
    /// Folder that holds `martlet_worker`.
    package let workerRoot: String

    package init(environment: String, interpreterRoot: String?, workerRoot: String) {
        self.environment = environment
        self.interpreterRoot = interpreterRoot
        self.workerRoot = workerRoot
    }

    func arguments(python: String, workerRoot: String) -> [String] {
        [python, "-I", "-B", "-c", "import sys; sys.path.insert(0, '\(workerRoot)'); __import__('martlet_worker.main').main.run()"]
    }
}
