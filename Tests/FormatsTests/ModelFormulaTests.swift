import Testing

@testable import Formats

@Suite("Formulas inside of models")
struct ModelFormulaTests {
    @Test(
        "Arithmetic passes",
        arguments: [
            "y ~ a + b", "y ~ a * b + a:b - 1", "log_y ~ np.log(a + 1) + C(group, Treatment('x'))", "Q('weight (kg)') ~ I(a ** 2) / 1.5e3", "größe ~ (a + b) ** 2",
        ])
    func passes(formula: String) {
        #expect(ModelFormula.isArithmetic(formula))
    }

    @Test(
        "Code does not",
        arguments: [
            "y ~ __import__('os')", "y ~ eval('1')", "y ~ a.to_csv('x')", "y ~ np.load('x')", "y ~ np.lib.npyio.load('x')", "y ~ (lambda: a)()",
            "y ~ C(a)(b)", "y ~ [a][0]", "y ~ {a}", "y ~ a; b", "y ~ Q('a\\x27')", "y ~ f'{a}'", "y ~ 'open", "y ~ log (a) (b)", "y ~ 1.real()", "y ~ a @ b",
            "y ~ I(eval\n('1'))", "y ~ Q('x')\n(a)", "y ~ a.b",
        ])
    func fails(formula: String) {
        #expect(!ModelFormula.isArithmetic(formula))
    }
}
