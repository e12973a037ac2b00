import Files
import Domain
import Testing

@testable import Formats

/// Pickles written by hand: each does one thing that no library does.
@Suite("Rules of the pickle machine")
struct PickleRulesTests {
    private func rules(_ pickle: String, loader: PickleMachine.Loader = .pickle) throws -> [String] {
        let session = ScanSession(limits: ScanLimits(fileSize: 4096))
        let bytes = [0x80, 0x04] + pickle.unicodeScalars.map { UInt8($0.value) }
        _ = try PickleScanner(loader: loader).read(ScanSubject(bytes: MemoryBytes(bytes)), session)
        return session.findings.map(\.rule)
    }

    @Test("State that is set on a class is critical")
    func stateOfClass() throws {
        #expect(try rules("ccollections\nOrderedDict\n}(Vx\nI1\nub.") == ["pickle.build.callable"])
    }

    @Test("A function under a method's name or a dunder is a finding", arguments: ["predict", "__call__", "transform"])
    func planted(name: String) throws {
        #expect(try rules("ccollections\nOrderedDict\n)R}(V\(name)\ncnumpy\nfloat64\nub.") == ["pickle.build.planted"])
        #expect(try rules("ccollections\nOrderedDict\n)R}(Vdtype\ncnumpy\nfloat64\nub.") == [])
    }

    @Test("Constructors get only what their libraries give them")
    func arguments() throws {
        #expect(try rules("cnumpy.core.multiarray\n_reconstruct\n(cbuiltins\nbytearray\n(I0\ntVb\ntR.") == ["pickle.argument"])
        #expect(try rules("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR.") == [])
        #expect(try rules("cpandas.core.indexes.base\n_new_Index\n(cbuiltins\nbytearray\n}tR.") == ["pickle.argument"])
    }

    @Test("Bytes that are a pickle of something refused are a finding")
    func nestedBytes() throws {
        let inner = "\u{80}\u{4}cposix\nsystem\n)R."
        let length = String(UnicodeScalar(UInt8(inner.unicodeScalars.count)))
        #expect(try rules("C\(length)\(inner).") == ["pickle.nested_bytes"])
        #expect(try rules("C\u{4}\u{80}\u{4}N..") == [])
    }

    @Test("A persistent id is a storage for PyTorch only, and only in its own shape")
    func persistentIDs() throws {
        let storage = "(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI4\ntQ."
        #expect(try rules(storage, loader: .torch) == [])
        #expect(try rules(storage) == ["pickle.persistent_id"])
        #expect(try rules("(Vstorage\ncos\nsystem\nV0\nVcpu\nI4\ntQ.", loader: .torch) == ["pickle.global.unlisted"])
        #expect(try rules("(Vother\nI1\ntQ.", loader: .torch) == ["pickle.persistent_id"])
    }

    @Test("A long byte string is passed over, not kept")
    func longBytes() throws {
        let session = ScanSession(limits: ScanLimits(fileSize: 64 << 20))
        let count = 32 << 20
        var bytes: [UInt8] = [0x80, 0x04, 0x8e]
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: count >> (shift * 8))) }
        bytes += [UInt8](repeating: 0, count: count) + [0x2e]
        let facts = try PickleScanner(loader: .pickle).read(ScanSubject(bytes: MemoryBytes(bytes)), session)
        #expect(session.findings == [] && facts.arrayBytes == count)
    }
}
