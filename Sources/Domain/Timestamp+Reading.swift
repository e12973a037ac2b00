extension Timestamp {
    /// Reads RFC 3339: `2026-11-21T04:05:06Z`, with a fraction of a second or an offset from UTC where there is one.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3a, bytes[16] == 0x3a else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19), (1...12).contains(month), (1...Self.days(of: month, year)).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var place = 19
        var milliseconds: Int64 = 0
        if bytes[place] == 0x2e {
            let digits = bytes[(place + 1)...].prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            milliseconds = (Array(digits.prefix(3)) + [0x30, 0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            place += 1 + digits.count
        }
        guard let offset = Self.offset(bytes[place...]) else { return nil }
        let days = Self.days(fromCivil: year, month, day)
        let moment = ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + milliseconds
        // An offset may lead out of the years that are written with four digits.
        guard (-62_167_219_200_000..<253_402_300_800_000).contains(moment) else { return nil }
        self.init(milliseconds: moment)
    }

    /// Minutes ahead of UTC: `Z`, `+01:00`.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(text)
        if bytes.count == 1 { return bytes[0] | 0x20 == 0x7a ? 0 : nil }
        guard bytes.count == 6, bytes[0] == 0x2b || bytes[0] == 0x2d, bytes[3] == 0x3a else { return nil }
        let digits = [1, 2, 4, 5].map { Int64(bytes[$0]) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        return (bytes[0] == 0x2d ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func days(of month: Int64, _ year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month - 1)]
    }

    /// Howard Hinnant, `days_from_civil`: https://howardhinnant.github.io/date_algorithms.html
    static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
