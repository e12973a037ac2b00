/// A program to run in the sandbox: its environment, its code, nothing of the model.
package struct WorkerCommand: Sendable {
    package enum Program: Sendable, Equatable {
        /// `martlet_worker` below ``workerRoot``, for models that need their own library.
        case python
        /// The native worker for ONNX models; ``workerRoot`` is its executable.
        case onnx
    }

    package let program: Program
    /// Folder of the virtual environment.
    package let environment: String
    /// Folder that holds the interpreter the environment was made with; nil when it lies under `/usr`.
    package let interpreterRoot: String?
    /// Folder that holds `martlet_worker`, or the executable.
    package let workerRoot: String

    package init(_ program: Program = .python, environment: String, interpreterRoot: String?, workerRoot: String) {
        self.program = program
        self.environment = environment
        self.interpreterRoot = interpreterRoot
        self.workerRoot = workerRoot
    }

    /// - Parameters: Where the environment and the worker stand inside of the sandbox.
    func arguments(environment: String, workerRoot: String) -> [String] {
        switch program {
        case .python:
            ["\(environment)/bin/python", "-I", "-B", "-c", "import sys; sys.path.insert(0, '\(workerRoot)'); __import__('martlet_worker.main').main.run()"]
        case .onnx: [workerRoot, environment]
        }
    }
}
