import COnnxRuntime
import Glibc

/// What ONNX Runtime or the worker has against a model or a request, in words for the caller.
struct OnnxFailure: Error {
    let type: String
    let message: String

    init(_ message: String, type: String = "OnnxError") {
        self.type = type
        self.message = message
    }
}

/// The opened library, with one environment for the process.
@safe final class OnnxRuntime {
    let version: String
    let api: ort_api
    let allocator: OpaquePointer
    private let environment: OpaquePointer

    /// - Parameter folder: Of a virtual environment with the package `onnxruntime`.
    init(below folder: String) throws {
        var version: UnsafePointer<CChar>?
        var reason: UnsafePointer<CChar>?
        guard let path = Self.library(below: folder) else { throw OnnxFailure("the environment has no libonnxruntime.so") }
        guard let table = unsafe onnx_runtime_open(path, &version, &reason) else {
            throw OnnxFailure(unsafe reason.map { unsafe String(cString: $0) } ?? "the library cannot be opened")
        }
        self.version = unsafe version.map { unsafe String(cString: $0) } ?? "unknown"
        let api = unsafe table.pointee
        self.api = api
        var environment: OpaquePointer?
        var allocator: OpaquePointer?
        let severityError: Int32 = 3
        unsafe try Self.check(api, api.create_env(severityError, "martlet", &environment))
        unsafe try Self.check(api, api.get_default_allocator(&allocator))
        guard let environment = unsafe environment, let allocator = unsafe allocator else { throw OnnxFailure("the library gives no environment") }
        unsafe self.environment = environment
        unsafe self.allocator = allocator
    }

    /// - Parameter threads: For one operator; 1 costs least for small models.
    /// - Returns: A session, which the caller releases.
    func makeSession(_ model: [UInt8], threads: Int32) throws -> OpaquePointer {
        var options: OpaquePointer?
        unsafe try check(api.create_session_options(&options))
        defer { unsafe api.release_session_options(options) }
        unsafe try check(api.set_intra_op_threads(options, threads))
        unsafe try check(api.set_inter_op_threads(options, 1))
        unsafe try check(api.set_graph_optimization(options, 99))
        // Threads that wait must not burn the machine; what one odd request needed is given back.
        unsafe try check(api.add_config_entry(options, "session.intra_op.allow_spinning", "0"))
        unsafe try check(api.disable_cpu_arena(options))
        var session: OpaquePointer?
        unsafe try model.withUnsafeBytes { unsafe try check(api.create_session_from_array(environment, $0.baseAddress, $0.count, options, &session)) }
        guard let session = unsafe session else { throw OnnxFailure("the library gives no session") }
        return unsafe session
    }

    /// Turns a status into an error, and gives it back.
    func check(_ status: OpaquePointer?) throws {
        unsafe try Self.check(api, status)
    }

    private static func check(_ api: ort_api, _ status: OpaquePointer?) throws {
        guard let status = unsafe status else { return }
        defer { unsafe api.release_status(status) }
        let message = unsafe api.get_error_message(status).map { unsafe String(cString: $0) } ?? "an error without words"
        throw OnnxFailure(message)
    }

    /// `lib*/python*/site-packages/onnxruntime/capi/libonnxruntime.so*` below the folder.
    private static func library(below folder: String) -> String? {
        for lib in names(in: folder) where lib.hasPrefix("lib") {
            for python in names(in: "\(folder)/\(lib)") where python.hasPrefix("python") {
                let package = "\(folder)/\(lib)/\(python)/site-packages/onnxruntime/capi"
                if let name = names(in: package).first(where: { $0.hasPrefix("libonnxruntime.so") }) { return "\(package)/\(name)" }
            }
        }
        return nil
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(unsafe withUnsafePointer(to: &entry.pointee.d_name) { unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) })
        }
        return names.sorted()
    }
}
