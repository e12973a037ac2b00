internal import Domain
internal import Foundation
internal import JSON
internal import Logging

/// Writes one JSON object a line; every text in it is escaped, so no input can begin a line.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let lines: LogLines

    init(_ lines: LogLines, level: Logger.Level) {
        self.lines = lines
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = JSONWriter(capacity: 256)
        line.raw("{\"time\":")
        line.string(SystemClock().now.description)
        line.raw(",\"level\":")
        line.string(event.level.rawValue)
        line.raw(",\"message\":")
        line.string(event.message.description)
        let own = event.metadata ?? [:]
        Self.write(own, to: &line)
        if !metadata.isEmpty { Self.write(metadata.filter { own[$0.key] == nil && $0.key != "hb.request.id" }, to: &line) }
        line.raw("}\n")
        lines.append(line.bytes, isUrgent: event.level >= .notice)
    }

    private static func write(_ metadata: Logger.Metadata, to line: inout JSONWriter) {
        for (key, value) in metadata {
            line.raw(",")
            line.string(key)
            line.raw(":")
            if case .string(let text) = value { line.string(text) } else { line.string("\(value)") }
        }
    }
}

/// The machine's clock.
struct SystemClock: WallClock {
    var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
