internal import Configuration

/// One thing an operator can set: as a flag, in the environment, or in the configuration file, in that order.
struct Setting: Sendable {
    /// Key below `martlet` in the file; `dataDir` is `MARTLET_DATA_DIR` in the environment.
    let key: String
    let standard: String
    let meaning: String

    /// Every setting: the source of docs/configuration.md.
    static let all: [Setting] =
        [
            host, port, dataDir, logLevel, maxUpload, maxBatchRows, maxBody, requestTimeout, predictionTimeout, sandbox, workerMemory, modelsMemory, evaluatorsMemory,
            batchRows,
            batchQueue, batchDelay, spares,
            workerRoot, onnxWorker, uv, deleteGrace, clamd, registration, adminEmail, adminPassword, keysMustExpire, trustedProxies, auditRetention,
            tlsCert, tlsKey, corsOrigins, encryption, masterKeyFile, masterKey, redis, metricsAddresses, usageRetention,
            trustedKeys, webhookNetworks, webhookPause, notificationRetention,
            cleanupArchived, cleanupVersions, cleanupUnused,
        ] + freeLimits + premiumLimits

    static let host = Setting(key: "host", standard: "127.0.0.1", meaning: "Address to listen on.")
    static let port = Setting(key: "port", standard: "8080", meaning: "Port to listen on; 0 takes a free one.")
    static let dataDir = Setting(key: "dataDir", standard: "./data", meaning: "Folder for the database, model files and environments.")
    static let logLevel = Setting(key: "logLevel", standard: "info", meaning: "trace, debug, info, notice, warning, error or critical.")
    static let maxUpload = Setting(key: "maxUpload", standard: "524288000", meaning: "Bytes of a model file.")
    static let maxBatchRows = Setting(key: "maxBatchRows", standard: "100000", meaning: "Rows of one prediction request.")
    static let maxBody = Setting(key: "maxBody", standard: "67108864", meaning: "Bytes of one prediction request.")
    static let requestTimeout = Setting(
        key: "requestTimeoutSeconds", standard: "3600", meaning: "Seconds within which a request must have come whole, an upload too; 408 after that.")
    static let predictionTimeout = Setting(key: "predictionTimeoutMs", standard: "30000", meaning: "Milliseconds after which a prediction is given up with 504.")
    static let sandbox = Setting(
        key: "sandbox", standard: "required", meaning: "required: level A or B, else the server does not start; best-effort: whatever is available.")
    static let workerMemory = Setting(key: "workerMemory", standard: "2147483648", meaning: "Bytes of memory of one model's process.")
    static let modelsMemory = Setting(key: "modelsMemory", standard: "8589934592", meaning: "Bytes of memory of all models in workers together.")
    static let evaluatorsMemory = Setting(
        key: "evaluatorsMemory", standard: "1073741824", meaning: "Bytes of memory of all models that the server evaluates itself, together.")
    static let batchRows = Setting(
        key: "batchRows", standard: "256", meaning: "Rows of requests that wait for the same worker and are joined into one call; 1 joins nothing.")
    static let batchQueue = Setting(key: "batchQueue", standard: "1024", meaning: "Requests that may wait for one model; more get 503.")
    static let batchDelay = Setting(
        key: "batchDelayMs", standard: "0", meaning: "Milliseconds that a call to a worker waits for company; 0 joins only what waits already.")
    static let spares = Setting(key: "spares", standard: "1", meaning: "Idle workers that have done their imports already.")
    static let onnxWorker = Setting(key: "onnxWorker", standard: "", meaning: "The program that runs ONNX models; found beside the program when empty.")
    static let workerRoot = Setting(key: "workerRoot", standard: "", meaning: "Folder that holds martlet_worker; found beside the program when empty.")
    static let uv = Setting(key: "uv", standard: "", meaning: "The uv executable; found on the PATH or in .tools when empty.")
    static let deleteGrace = Setting(key: "deleteGraceSeconds", standard: "86400", meaning: "Seconds for which the files of a deleted model are kept.")
    static let clamd = Setting(
        key: "clamd", standard: "", meaning: "Socket of clamd, a path or host:port; every uploaded file is then asked about. Off when empty.")
    static let registration = Setting(
        key: "registration", standard: "open",
        meaning: "open: anybody may make an account; invitation: who was sent an invitation; closed: only admins and `martlet users create` do.")
    static let keysMustExpire = Setting(key: "keysMustExpire", standard: "false", meaning: "true: API keys without an end are refused.")
    static let trustedKeys = Setting(
        key: "trustedKeys", standard: "",
        meaning:
            "Public keys of other servers (`GET /api/v1/signing-key`), separated by commas: only bundles that one of them, or this server, signed are imported. Anybody's when empty."
    )
    static let webhookNetworks = Setting(
        key: "webhookNetworks", standard: "",
        meaning: "Addresses or networks, separated by commas, that webhooks may call although they are not on the public Internet.")
    static let webhookPause = Setting(
        key: "webhookPauseMs", standard: "10000",
        meaning: "Milliseconds between the first attempt of a webhook and the second; each pause is four times the one before, seven attempts in all.")
    static let notificationRetention = Setting(
        key: "notificationRetentionDays", standard: "90", meaning: "Days for which notifications and ended webhook deliveries are kept; 0: for good.")
    static let trustedProxies = Setting(
        key: "trustedProxies", standard: "",
        meaning:
            "Addresses or networks (10.0.0.0/8) of proxies, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; those of others are not.")

    static let tlsCert = Setting(
        key: "tlsCert", standard: "",
        meaning: "Certificate of the server, PEM, the chain behind it; HTTPS with HTTP/2 then, and nothing else. Read again when it changes.")
    static let tlsKey = Setting(key: "tlsKey", standard: "", meaning: "Key of that certificate, PEM; secret.")
    static let corsOrigins = Setting(
        key: "corsOrigins", standard: "",
        meaning: "Origins (https://app.example.com) of web pages whose scripts may call the API, separated by commas; `*` for all, none when empty.")
    static let encryption = Setting(
        key: "encryption", standard: "off", meaning: "on: the files of new versions are encrypted (AES-256-GCM); needs a master key.")
    static let masterKeyFile = Setting(
        key: "masterKeyFile", standard: "", meaning: "File of the master keys, newest first, which only its owner may read; `martlet keys create` makes one.")
    static let masterKey = Setting(
        key: "masterKey", standard: "", meaning: "The master keys themselves, separated by commas, newest first, where there is no file; secret.")
    static let redis = Setting(
        key: "redis", standard: "",
        meaning:
            "Redis in which several servers count limits together: redis://[user:password@]host[:port][/database], rediss:// over TLS; secret. Each counts for itself when empty."
    )
    static let metricsAddresses = Setting(
        key: "metricsAddresses", standard: "127.0.0.1/32,::1/128",
        meaning: "Addresses or networks, separated by commas, that may read `/metrics` without a login; admins may from anywhere.")
    static let usageRetention = Setting(
        key: "usageRetentionDays", standard: "0", meaning: "Days for which single calls are kept; 0: for good. What they add up to stays.")
    static let cleanupArchived = Setting(
        key: "cleanupArchivedDays", standard: "0", meaning: "Days after which archived models are deleted; 0: never. Clean-up runs every hour.")
    static let cleanupVersions = Setting(
        key: "cleanupKeepVersions", standard: "0",
        meaning: "Versions of a model that are kept, newest first, besides those that serve, are staged, in production, or have a name; 0: all.")
    static let cleanupUnused = Setting(
        key: "cleanupUnusedDays", standard: "0", meaning: "Days without a call, a download or a change after which a model is archived; 0: never.")
    static let auditRetention = Setting(key: "auditRetentionDays", standard: "0", meaning: "Days for which entries of the audit log are kept; 0: for good.")

    /// Limits of accounts; 0 is none. The order is that of ``AccountLimits``.
    static let freeLimits = [
        Setting(key: "requestsPerMinute", standard: "0", meaning: "Requests a minute of an account of the subscription `free`; 0: no limit."),
        Setting(key: "modelsLimit", standard: "0", meaning: "Models of such an account; 0: no limit."),
        Setting(key: "storageQuota", standard: "0", meaning: "Bytes of all model files of such an account; 0: no limit."),
        Setting(key: "uploadRateLimit", standard: "5", meaning: "Uploads an hour of such an account; 0: no limit."),
    ]
    static let premiumLimits = [
        Setting(key: "premiumRequestsPerMinute", standard: "0", meaning: "Requests a minute of an account of the subscription `premium`; 0: no limit."),
        Setting(key: "premiumModelsLimit", standard: "0", meaning: "Models of such an account; 0: no limit."),
        Setting(key: "premiumStorageQuota", standard: "0", meaning: "Bytes of all model files of such an account; 0: no limit."),
        Setting(key: "premiumUploadRateLimit", standard: "0", meaning: "Uploads an hour of such an account; 0: no limit."),
    ]
    static let adminEmail = Setting(key: "adminEmail", standard: "", meaning: "Email address of the admin made at the first start.")
    static let adminPassword = Setting(key: "adminPassword", standard: "", meaning: "Password of that admin; secret.")

    /// `MARTLET_DATA_DIR`
    var environmentName: String {
        "MARTLET_" + key.reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
    }

    /// The page docs/configuration.md.
    static var page: String {
        var lines = [
            "# Configuration", "",
            "A flag counts before the environment, the environment before the file (`--config`, JSON, everything below the key `martlet`).",
            "This page is written by `martlet configuration`; `make check` compares the two.", "",
            "| environment | key in the file | standard | meaning |", "|---|---|---|---|",
        ]
        lines += all.map { "| `\($0.environmentName)` | `martlet.\($0.key)` | \($0.standard.isEmpty ? "" : "`\($0.standard)`") | \($0.meaning) |" }
        return lines.joined(separator: "\n") + "\n"
    }
}
