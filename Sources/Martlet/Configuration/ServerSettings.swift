internal import Access
internal import Configuration
internal import Domain
internal import Foundation
internal import Logging
internal import Provenance
internal import Redis
internal import Serving
internal import SystemPackage

/// The settings of a server, read and checked.
struct ServerSettings: Sendable {
    let host: String
    let port: Int
    let dataDir: String
    let logLevel: Logger.Level
    let maximumUpload: Int64
    let maximumRows: Int
    let maximumBody: Int
    let requestTimeout: Duration
    let predictionTimeout: Duration
    let isSandboxRequired: Bool
    let workerMemory: Int64
    let modelsMemory: Int64
    let evaluatorsMemory: Int
    let batching: BatchingRunner.Limits
    let spares: Int
    let workerRoot: String
    let onnxWorker: String
    let uv: String?
    let deleteGraceSeconds: Int64
    let clamd: String?
    let access: AccessPolicy
    let auditRetentionDays: Int64
    let tls: (certificate: String, key: String)?
    let corsOrigins: Set<String>
    let redis: RedisAddress?
    let metricsAddresses: [AddressRange]
    let usageRetentionDays: Int64
    let trustedKeys: [VerifyingKey]
    let webhookNetworks: [AddressRange]
    let webhookPause: Int64
    let notificationRetentionDays: Int64
    let cleanup: CleanupPolicy
    let isEncrypted: Bool
    let masterKey: MasterKeySetting
    let admin: (email: String, password: String)?

    /// - Parameters:
    ///   - flags: What was said on the command line, by key.
    ///   - file: A JSON file, or nil.
    /// - Throws: `invalidInput` naming the setting.
    init(flags: [String: String], file: String?) async throws {
        let values = Dictionary(uniqueKeysWithValues: flags.map { (AbsoluteConfigKey(["martlet", $0.key]), ConfigValue(.string($0.value), isSecret: false)) })
        var providers: [any ConfigProvider] = [InMemoryProvider(name: "flags", values: values), EnvironmentVariablesProvider()]
        if let file { providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file))) }
        let reader = SettingReader(ConfigReader(providers: providers).scoped(to: "martlet"))

        host = reader.text(.host)
        port = Int(try reader.number(.port, 0...65_535))
        dataDir = reader.text(.dataDir)
        let level = reader.text(.logLevel)
        guard let logLevel = Logger.Level(rawValue: level) else { throw SettingReader.wrong(.logLevel, level) }
        self.logLevel = logLevel
        maximumUpload = try reader.number(.maxUpload, 1...Int64.max)
        maximumRows = Int(try reader.number(.maxBatchRows, 1...10_000_000))
        maximumBody = Int(try reader.number(.maxBody, 1024...(1 << 30)))
        requestTimeout = .seconds(try reader.number(.requestTimeout, 1...86_400))
        predictionTimeout = .milliseconds(try reader.number(.predictionTimeout, 1...3_600_000))
        let sandbox = reader.text(.sandbox)
        guard ["required", "best-effort"].contains(sandbox) else { throw SettingReader.wrong(.sandbox, sandbox) }
        isSandboxRequired = sandbox == "required"
        workerMemory = try reader.number(.workerMemory, (64 << 20)...Int64.max)
        modelsMemory = try reader.number(.modelsMemory, (64 << 20)...Int64.max)
        evaluatorsMemory = Int(try reader.number(.evaluatorsMemory, (1 << 20)...Int64.max))
        batching = BatchingRunner.Limits(
            rows: Int(try reader.number(.batchRows, 1...100_000)), waiting: Int(try reader.number(.batchQueue, 1...1_000_000)),
            delay: .milliseconds(try reader.number(.batchDelay, 0...10_000)))
        spares = Int(try reader.number(.spares, 0...64))
        workerRoot = reader.text(.workerRoot).isEmpty ? ToolFinder.workerRoot : reader.text(.workerRoot)
        onnxWorker = reader.text(.onnxWorker).isEmpty ? ToolFinder.onnxWorker : reader.text(.onnxWorker)
        uv = reader.text(.uv).isEmpty ? ToolFinder.uv : reader.text(.uv)
        deleteGraceSeconds = try reader.number(.deleteGrace, 0...Int64.max / 1000)
        clamd = reader.text(.clamd).isEmpty ? nil : reader.text(.clamd)
        access = try reader.accessPolicy()
        let (certificate, key) = (reader.text(.tlsCert), reader.text(.tlsKey))
        guard certificate.isEmpty == key.isEmpty else {
            throw PlatformError(.invalidInput, "MARTLET_TLS_CERT and MARTLET_TLS_KEY are given together or not at all.")
        }
        tls = certificate.isEmpty ? nil : (certificate, key)
        corsOrigins = Set(reader.text(.corsOrigins).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        metricsAddresses = try reader.addresses(.metricsAddresses)
        usageRetentionDays = try reader.number(.usageRetention, 0...36_500)
        trustedKeys = try reader.text(.trustedKeys).split(separator: ",").map { text in
            guard let key = VerifyingKey(text) else { throw SettingReader.wrong(.trustedKeys, String(text)) }
            return key
        }
        webhookNetworks = try reader.addresses(.webhookNetworks)
        webhookPause = try reader.number(.webhookPause, 10...3_600_000)
        notificationRetentionDays = try reader.number(.notificationRetention, 0...36_500)
        let limits = try [Setting.cleanupArchived, .cleanupVersions, .cleanupUnused].map { Int(try reader.number($0, 0...36_500)) }.map { $0 == 0 ? nil : $0 }
        cleanup = CleanupPolicy(archivedDays: limits[0], keptVersions: limits[1], unusedDays: limits[2])
        redis = reader.text(.redis).isEmpty ? nil : try RedisAddress(reader.text(.redis))
        masterKey = MasterKeySetting(text: reader.text(.masterKey), path: reader.text(.masterKeyFile))
        let encryption = reader.text(.encryption)
        guard ["on", "off"].contains(encryption) else { throw SettingReader.wrong(.encryption, encryption) }
        isEncrypted = encryption == "on"
        auditRetentionDays = try reader.number(.auditRetention, 0...36_500)
        let email = reader.text(.adminEmail)
        admin = email.isEmpty ? nil : (email, reader.text(.adminPassword))
    }
}

/// Reads settings as text, so that a number from a flag, a variable or a file is read in the same way.
private struct SettingReader {
    private let config: ConfigReader

    init(_ config: ConfigReader) {
        self.config = config
    }

    func text(_ setting: Setting) -> String {
        let key = ConfigKey([setting.key])
        if let text = config.string(forKey: key) { return text }
        return config.int(forKey: key).map(String.init) ?? setting.standard
    }

    func number(_ setting: Setting, _ range: ClosedRange<Int64>) throws -> Int64 {
        let text = text(setting)
        guard let number = Int64(text), range.contains(number) else { throw Self.wrong(setting, text) }
        return number
    }

    private func flag(_ setting: Setting) throws -> Bool {
        guard let flag = Bool(text(setting)) else { throw Self.wrong(setting, text(setting)) }
        return flag
    }

    func addresses(_ setting: Setting) throws -> [AddressRange] {
        try text(setting).split(separator: ",").map { text in
            guard let range = AddressRange(text.trimmingCharacters(in: .whitespaces)) else { throw Self.wrong(setting, String(text)) }
            return range
        }
    }

    func accessPolicy() throws -> AccessPolicy {
        guard let registration = RegistrationPolicy(rawValue: text(.registration)) else { throw Self.wrong(.registration, text(.registration)) }
        return AccessPolicy(
            registration: registration, keysMustExpire: try flag(.keysMustExpire),
            standards: AccountStandards(free: try limits(Setting.freeLimits), premium: try limits(Setting.premiumLimits)), trustedProxies: try addresses(.trustedProxies))
    }

    private func limits(_ settings: [Setting]) throws -> AccountLimits {
        let numbers = try settings.map { try number($0, 0...1_000_000_000_000_000) }.map { $0 == 0 ? nil : $0 }
        return AccountLimits(
            requestsPerMinute: numbers[0].map(Int.init), models: numbers[1].map(Int.init), storage: numbers[2], uploadsPerHour: numbers[3].map(Int.init))
    }

    static func wrong(_ setting: Setting, _ found: String) -> PlatformError {
        PlatformError(.invalidInput, "\(setting.environmentName): '\(found)' is not possible. \(setting.meaning)")
    }
}

/// Finds what is installed beside the program.
enum ToolFinder {
    static var workerRoot: String {
        above("python/martlet_worker").map { String($0.dropLast("/martlet_worker".count)) } ?? "/usr/share/martlet/python"
    }

    static var onnxWorker: String {
        above("martlet-onnx-worker") ?? "/usr/libexec/martlet/martlet-onnx-worker"
    }

    static var uv: String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let onPath = path.split(separator: ":").map { "\($0)/uv" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        return onPath ?? above(".tools/venv/bin/uv")
    }

    /// `name` in the folder of the program or in one above it.
    private static func above(_ name: String) -> String? {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent(name).path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
