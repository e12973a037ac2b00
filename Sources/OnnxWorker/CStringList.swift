/// Texts as C wants them: a list of pointers to bytes that end with zero, all freed with the object.
@safe final class CStringList {
    let count: Int
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let bytes: UnsafeMutablePointer<CChar>

    init(_ texts: [String]) {
        count = texts.count
        let strings = texts.map(\.utf8CString)
        unsafe bytes = .allocate(capacity: max(1, strings.reduce(0) { $0 + $1.count }))
        unsafe pointers = .allocate(capacity: max(1, texts.count))
        var place = 0
        for (index, string) in strings.enumerated() {
            unsafe (pointers + index).initialize(to: UnsafePointer(bytes + place))
            for byte in string {
                unsafe (bytes + place).initialize(to: byte)
                place += 1
            }
        }
    }

    deinit {
        unsafe pointers.deallocate()
        unsafe bytes.deallocate()
    }
}
