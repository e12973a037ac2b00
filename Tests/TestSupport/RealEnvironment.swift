/// Where the tests find the tools that scripts/setup.sh installed, and the worker's code.
package enum RealEnvironment {
    package static let repository: String = {
        let file = "\(#filePath)"
        return file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }()

    package static let uv = "\(repository)/.tools/venv/bin/uv"
    package static let workerRoot = "\(repository)/python"
    package static let onnxWorker = "\(repository)/.build/debug/martlet-onnx-worker"
    /// Environments are kept between runs: building one takes seconds.
    package static let environments = "\(repository)/.build/test-environments"
}
