/// Where the programs that run in the sandbox are found.
package struct WorkerPrograms: Sendable {
    /// Folder that holds `martlet_worker`.
    package let python: String
    /// The executable `martlet-onnx-worker`.
    package let onnx: String

    package init(python: String, onnx: String) {
        self.python = python
        self.onnx = onnx
    }

    func path(of program: WorkerCommand.Program) -> String {
        switch program {
        case .python: python
        case .onnx: onnx
        }
    }
}

/// What a process without a model is good for: workers of one kind stand in for each other.
package struct WorkerKind: Sendable, Equatable {
    package let program: WorkerCommand.Program
    package let environment: PythonEnvironment

    package init(_ program: WorkerCommand.Program, _ environment: PythonEnvironment) {
        self.program = program
        self.environment = environment
    }
}
