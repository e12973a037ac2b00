internal import Foundation
internal import Glibc
internal import SystemPackage

/// A control group for one worker; limits memory, processes and CPU, and kills what is left.
///
/// Speaks both versions: https://docs.kernel.org/admin-guide/cgroup-v1/ and https://docs.kernel.org/admin-guide/cgroup-v2.html
struct Cgroup: Sendable {
    /// One folder per hierarchy: several in version 1, one in version 2.
    let folders: [String]

    /// Opens `cgroup.procs` of each folder for the child to write itself into.
    func openMembers() -> [FileDescriptor] {
        folders.compactMap { try? FileDescriptor.open(FilePath("\($0)/cgroup.procs"), .writeOnly, options: .closeOnExec) }
    }

    /// Kills every member and removes the folders; what cannot be removed yet is left for the next sweep.
    func remove() {
        for folder in folders {
            for member in Self.read("\(folder)/cgroup.procs").split(separator: "\n") {
                if let process = Int32(member) { kill(process, SIGKILL) }
            }
            _ = unsafe rmdir(folder)
        }
    }

    static func read(_ path: String) -> String {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return "" }
        defer { try? descriptor.close() }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = try? unsafe buffer.withUnsafeMutableBytes({ unsafe try descriptor.read(into: $0) }), count > 0 {
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) -> Bool {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .writeOnly, options: .closeOnExec) else { return false }
        defer { try? descriptor.close() }
        return (try? descriptor.writeAll(text.utf8)) != nil
    }
}

/// Makes control groups below the server's own, where the kernel and the operator allow it.
package struct CgroupFactory: Sendable {
    package enum Version: String, Sendable {
        case v1, v2
    }

    package let version: Version?
    private let parents: [String: String]

    /// Looks for controllers that can be used; `version` is nil when there are none.
    package init() {
        let own = Self.ownGroups()
        if let parent = own[""].map({ "/sys/fs/cgroup\($0)" }), Cgroup.read("\(parent)/cgroup.controllers").contains("memory"),
            Self.canMake(in: parent), Self.delegate(parent)
        {
            version = .v2
            parents = ["": parent]
            Self.sweep(parent)
            return
        }
        var parents: [String: String] = [:]
        for controller in ["memory", "pids", "cpu"] {
            let mount = "/sys/fs/cgroup/\(controller)"
            let candidates = [mount + (own[controller] ?? "/"), mount].map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            if let parent = candidates.first(where: { !Cgroup.read("\($0)/cgroup.procs").isEmpty && Self.canMake(in: $0) }) {
                parents[controller] = parent
            }
        }
        version = parents["memory"] != nil ? .v1 : nil
        self.parents = version == nil ? [:] : parents
        for parent in self.parents.values { Self.sweep(parent) }
    }

    /// Removes the groups of servers that were killed before they could do so, and ends who is left in them.
    private static func sweep(_ parent: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix("martlet-") {
            let owner = name.dropFirst("martlet-".count).split(separator: "-").first.flatMap { Int32($0) }
            guard let owner, owner != getpid() else { continue }
            let folder = "\(parent)/\(name)"
            let isGone = kill(owner, 0) != 0 && errno == ESRCH
            // The number may belong to another process by now; a group in use is joined within moments.
            let made = (try? FileManager.default.attributesOfItem(atPath: folder))?[.modificationDate] as? Date
            guard isGone || made.map({ $0.timeIntervalSinceNow < -60 }) ?? false else { continue }
            // The kernel refuses while somebody is in it: a worker that was just begun may not know yet that its server is gone.
            var attempts = 0
            while unsafe rmdir(folder) != 0, errno == EBUSY, isGone, attempts < 40 {
                for process in Cgroup.read("\(folder)/cgroup.procs").split(whereSeparator: \.isNewline).compactMap({ Int32($0) }) where process > 1 {
                    kill(process, SIGKILL)
                }
                usleep(50_000)
                attempts += 1
            }
        }
    }

    /// - Returns: nil when cgroups cannot be used; the limits of the process itself must then do.
    func make(_ name: String, limits: SandboxLimits) -> Cgroup? {
        switch version {
        case .v1: makeV1(name, limits)
        case .v2: makeV2(name, limits)
        case nil: nil
        }
    }

    private func makeV1(_ name: String, _ limits: SandboxLimits) -> Cgroup? {
        var folders: [String] = []
        for (controller, parent) in parents {
            let folder = "\(parent)/martlet-\(name)"
            guard unsafe mkdir(folder, 0o755) == 0 else { continue }
            let isLimited =
                switch controller {
                case "memory": Cgroup.write("\(limits.memoryBytes)", to: "\(folder)/memory.limit_in_bytes")
                case "pids": Cgroup.write("\(limits.processes)", to: "\(folder)/pids.max")
                default: Cgroup.write("\(limits.cpuPercent * 1000)", to: "\(folder)/cpu.cfs_quota_us")
                }
            if isLimited { folders.append(folder) } else { _ = unsafe rmdir(folder) }
        }
        guard folders.contains(where: { $0.contains("/memory") }) else {
            for folder in folders { _ = unsafe rmdir(folder) }
            return nil
        }
        return Cgroup(folders: folders)
    }

    private func makeV2(_ name: String, _ limits: SandboxLimits) -> Cgroup? {
        guard let parent = parents[""] else { return nil }
        let folder = "\(parent)/martlet-\(name)"
        guard unsafe mkdir(folder, 0o755) == 0 else { return nil }
        guard Cgroup.write("\(limits.memoryBytes)", to: "\(folder)/memory.max"), Cgroup.write("\(limits.processes)", to: "\(folder)/pids.max") else {
            _ = unsafe rmdir(folder)
            return nil
        }
        _ = Cgroup.write("0", to: "\(folder)/memory.swap.max")
        _ = Cgroup.write("\(limits.cpuPercent * 1000) 100000", to: "\(folder)/cpu.max")
        return Cgroup(folders: [folder])
    }

    /// Whether memory is limited by a cgroup.
    var limitsMemory: Bool { version != nil }

    /// Version 2 gives controllers only to the children of a group without processes: the server moves into a leaf first.
    private static func delegate(_ parent: String) -> Bool {
        let control = "\(parent)/cgroup.subtree_control"
        if Cgroup.write("+memory +pids +cpu", to: control) { return true }
        let leaf = "\(parent)/martlet-server"
        _ = unsafe mkdir(leaf, 0o755)
        return Cgroup.write("0", to: "\(leaf)/cgroup.procs") && Cgroup.write("+memory +pids +cpu", to: control)
    }

    /// `/proc/self/cgroup`: controller to path; the empty name is version 2.
    private static func ownGroups() -> [String: String] {
        var groups: [String: String] = [:]
        for line in Cgroup.read("/proc/self/cgroup").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            for controller in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                groups[String(controller)] = String(parts[2])
            }
        }
        return groups
    }

    private static func canMake(in folder: String) -> Bool {
        let probe = "\(folder)/martlet-probe-\(getpid())"
        guard unsafe mkdir(probe, 0o755) == 0 else { return false }
        return unsafe rmdir(probe) == 0
    }
}
