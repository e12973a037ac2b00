import Domain
import Testing

@testable import Cards

@Suite("Model cards")
struct CardReaderTests {
    @Test("Front matter and Markdown")
    func whole() throws {
        let card = try CardReader(
            """
            ---
            license: apache-2.0
            framework: scikit-learn
            datasets: [iris, wine]
            metrics:
              - name: accuracy
                value: 0.97
            intended_use: To tell flowers apart.
            ---
            # Iris

            | class | recall |
            |---|---|
            | setosa | 1.0 |

            ~~old~~ **bold** https://example.com
            """)
        #expect(card.frontMatter["license"] == .string("apache-2.0"))
        #expect(card.frontMatter["datasets"] == .array([.string("iris"), .string("wine")]))
        #expect(card.frontMatter["metrics"]?.arrayValue?.first?["value"] == .double(0.97))
        for part in ["<h1>Iris</h1>", "<td>setosa</td>", "<del>old</del>", "<strong>bold</strong>", "<a href=\"https://example.com\">"] {
            #expect(card.html.contains(part), "\(part) in \(card.html)")
        }
        #expect(!card.html.contains("license"))
    }

    @Test("A card without front matter, an empty one, one that only looks like it", arguments: ["# A", "", "---\nno end", "--- \n---\nx"])
    func plain(text: String) throws {
        #expect(try CardReader(text).frontMatter.isEmpty)
    }

    @Test(
        "What would run or reach out is not in the HTML",
        arguments: [
            "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<javascript:alert(1)>", "![x](javascript:alert(1))", "[x](vbscript:x)", "[a](<java\nscript:alert(1)>)", "<svg/onload=alert(1)>", "<a href='x' onclick='y'>",
            "[x]: javascript:alert(1)\n[x]", "`<script>`", "&lt;script&gt;", "| <script> |\n|---|\n| <img onerror=x> |", "[x](https://a.test/\"onmouseover=alert(1))",
        ])
    func hostile(text: String) throws {
        let html = try CardReader(text).html.lowercased()
        for word in [
            "<script", "onerror=x>", "href=\"javascript", "src=\"javascript", "href=\"data:", "href=\"vbscript", "<svg", "<img src=x", " onclick", "\"onmouseover",
        ] {
            #expect(!html.contains(word), "\(word) in \(html)")
        }
    }

    @Test(
        "Faults are named",
        arguments: [
            ("license: [a]", "/front_matter/license"), ("license: \(String(repeating: "x", count: 101))", "/front_matter/license"),
            ("datasets: {a: 1}", "/front_matter/datasets"),
            ("a: [", "/front_matter"), ("- a", "/front_matter"), ("a: \"\\xZZ\"", "/front_matter"), ("? [a]\n: b", "/front_matter"),
        ])
    func faults(yaml: String, pointer: String) {
        #expect {
            try CardReader("---\n\(yaml)\n---\n")
        } throws: { error in
            (error as? PlatformError)?.message.contains(pointer) == true
        }
    }

    @Test("Aliases that grow without end, deep nesting and long runs are bounded")
    func bombs() throws {
        let laughs =
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + (0..<9).map { "b\($0): &b\($0) [\(repeatElement($0 == 0 ? "*a" : "*b\($0 - 1)", count: 9).joined(separator: ","))]\n" }.joined()
        #expect(throws: PlatformError.self) { try CardReader("---\n\(laughs)---\n") }
        let keys = "a0: &a0 [x,x]\n" + (1...40).map { "a\($0): &a\($0) [*a\($0 - 1),*a\($0 - 1)]\n" }.joined() + "? *a40\n: 1\n"
        #expect(throws: PlatformError.self) { try CardReader("---\n\(keys)---\n") }
        #expect(try CardReader("---\nintended_use: R&D of **bold** & *plain* words\n---\n").frontMatter.count == 1)
        #expect(throws: PlatformError.self) { try CardReader("---\na: \(String(repeating: "[", count: 8000))\n---\n") }
        #expect(throws: PlatformError.self) { try CardReader(String(repeating: "x", count: ModelCard.maximumMarkdown + 1)) }
        for text in ["[", "![", "*a _", "<", "`", "> ", "- ", "[a](", "|", "\\[", "&", "a**"] {
            let whole = String(repeating: text, count: (ModelCard.maximumMarkdown - 1) / text.utf8.count)
            let took = try ContinuousClock().measure { _ = try CardReader(whole) }
            #expect(took < .seconds(20), "\(text): \(took)")
        }
    }
}
