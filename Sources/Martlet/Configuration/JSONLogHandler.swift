internal import Domain
internal import Foundation
internal import JSON
internal import Logging

/// Writes one JSON object a line to standard error; every text in it is escaped, so no input can begin a line.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String

    init(label: String, level: Logger.Level) {
        self.label = label
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
        line.string("\(event.message)")
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { _, new in new }).sorted(by: { $0.key < $1.key }) where key != "hb.request.id" {
            line.raw(",")
            line.string(key)
            line.raw(":")
            line.string("\(value)")
        }
        line.raw("}\n")
        FileHandle.standardError.write(Data(line.bytes))
    }
}

/// The machine's clock.
struct SystemClock: WallClock {
    var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
