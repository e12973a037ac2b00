import COnnxRuntime
import Glibc
import JSON

// The worker's loop: library, wall, model, requests. Its first argument is the folder of an environment with onnxruntime.

let socket = FrameSocket(requests: 3, files: 4)
do {
    try Worker(socket, environment: CommandLine.arguments.dropFirst().first ?? "").run()
} catch is ConnectionLost {
    exit(0)
} catch {
    exit(1)
}
