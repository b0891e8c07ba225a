// Calls of the functions with pictures, and what they give: the documentation's own examples and what its rules say.

@testable import Expressions

enum JSONataFormatsCases {
    typealias Case = JSONataFormatsTests.Case

    static let numbers: [Case] = [
        Case(.formatNumber(12345.6, "#,###.00"), "12,345.60"),
        Case(.formatNumber(1234.5678, "00.000e0"), "12.346e2"),
        Case(.formatNumber(34.555, "#0.00;(#0.00)"), "34.56"),
        Case(.formatNumber(-34.555, "#0.00;(#0.00)"), "(34.56)"),
        Case(.formatNumber(0.14, "01%"), "14%"),
        Case(.formatNumber(0.14, "###pm", ["per-mille": "pm"]), "140pm"),
        Case(.formatNumber(12345.6, "#.###,00", ["decimal-separator": ",", "grouping-separator": "."]), "12.345,60"),
        // The last of three digits decides, not the noise of the double.
        Case(.formatNumber(1.005, "0.00"), "1.00"), Case(.formatNumber(1.015, "0.00"), "1.02"),
        Case(.formatNumber(0.5, "0"), "0"), Case(.formatNumber(1.5, "0"), "2"), Case(.formatNumber(2.5, "0"), "2"),
        Case(.formatNumber(0.1, "0." + String(repeating: "#", count: 40)), "0.1"),
        Case(.formatNumber(0.07, "0.####################%"), "7%"),
        Case(.formatNumber(9.99, "0.0"), "10.0"), Case(.formatNumber(999.99, "#,##0"), "1,000"),
        Case(.formatNumber(0.04, "0.0"), "0.0"), Case(.formatNumber(0.05, "0.0"), "0.0"),
        Case(.formatNumber(0.06, "0.0"), "0.1"), Case(.formatNumber(0.004, "0.0"), "0.0"),
        Case(.formatNumber(1e21, "#,##0"), "1,000,000,000,000,000,000,000"),
        Case(.formatNumber(5, "#.##"), "5.0"), Case(.formatNumber(5, "#"), "5"), Case(.formatNumber(0, "#"), "0"),
        Case(.formatNumber(0, "#.##"), ".0"), Case(.formatNumber(5, "0."), "5"),
        Case(.formatNumber(-0.0, "0"), "0"), Case(.formatNumber(-5, "0", ["minus-sign": "~"]), "~5"),
        Case(.formatNumber(-5, "(0)"), "-(5)"), Case(.formatNumber(.infinity, "<0>"), "<Infinity>"),
        Case(.formatNumber(-.infinity, "<0>"), "-<Infinity>"), Case(.formatNumber(.nan, "<0>"), "NaN"),
        Case(.formatNumber(2.14 * 86.58, "PREFIX##00.000###SUFFIX"), "PREFIX185.2812SUFFIX"),
        Case(.formatNumber(42, "%%"), .code("D3086")), Case(.formatNumber(1, "0%%"), .code("D3082")),
        Case(.formatNumber(1, "0 euros"), "1 euros"), Case(.formatNumber(1, "we have 0"), "we have 1"),
        Case(.formatNumber(1234, "pre 0.0e0 suf"), "pre 1.2e3 suf"), Case(.formatNumber(10, "0e0"), "1e1"),
        Case(.formatNumber(0.00012, "0.0e00"), "1.2e-04"), Case(.formatNumber(1234567, "#,###"), "1,234,567"),
        Case(.formatNumber(12, "#,##,##0"), "12"), Case(.formatNumber(123, "#,##0"), "123"),
        Case(.formatNumber(0.123456, "0.00,00,00"), "0.12,34,56"), Case(.formatNumber(0.12, "0.00,##"), "0.12"),
        Case(.formatNumber(1, "𝟎.𝟎", ["zero-digit": "𝟎"]), "𝟏.𝟎"),
        Case(.formatNumber(1234.5, "0!0", ["decimal-separator": "!"]), "1234!5"),
        Case(.formatNumber(1, "0|-0", ["pattern-separator": "|"]), "1"),
        Case(.formatNumber(1500, "0.0E0", ["exponent-separator": "E"]), "1.5E3"),
        Case(.formatNumber(1, ""), .code("D3085")), Case(.formatNumber(1, "e"), .code("D3093")),
        Case(.formatNumber(1, "0;"), .code("D3085")), Case(.formatNumber(1, "abc"), .code("D3086")),
        Case(.formatNumber(1, "0,.0"), .code("D3087")), Case(.formatNumber(1, "0.,0"), .code("D3087")),
        Case(.formatNumber(1, "0 0"), .code("D3086")), Case(.formatNumber(1, "0;0;0"), .code("D3080")),
    ]

    static let bases: [Case] = [
        Case(.formatBase(100, 10), "100"), Case(.formatBase(2555, 16), "9fb"), Case(.formatBase(-255, 16), "-ff"),
        Case(.formatBase(2.5, 2), "10"), Case(.formatBase(-0.4, 2), "0"), Case(.formatBase(0, 36), "0"),
        Case(.formatBase(1e21, 10), "1e+21"),
        Case(.formatBase(9_007_199_254_740_991, 2), String(repeating: "1", count: 53)),
        Case(.formatBase(0x1p60, 2), "1" + String(repeating: "0", count: 60)), Case(.formatBase(35, 36), "z"),
        Case(.formatBase(1, .nan), .code("D3100")), Case(.formatBase(1, 1.5), "1"),
        Case(.formatBase(1, 36.6), .code("D3100")),
    ]

    static let integers: [Case] = [
        Case(.formatInteger(2789, "w"), "two thousand, seven hundred and eighty-nine"),
        Case(.formatInteger(1999, "I"), "MCMXCIX"), Case(.formatInteger(0, "w"), "zero"),
        Case(.formatInteger(0, "w;o"), "zeroth"), Case(.formatInteger(0, "A"), ""),
        Case(.formatInteger(-5, "w"), "-five"),
        Case(.formatInteger(-5, "000"), "-005"), Case(.formatInteger(-1.5, "0"), "-2"),
        Case(.formatInteger(1_000_001, "Ww"), "One Million and One"),
        Case(.formatInteger(1_000_100, "w"), "one million, one hundred"), Case(.formatInteger(111, "0;o"), "111th"),
        Case(.formatInteger(112, "0;o"), "112th"), Case(.formatInteger(122, "0;o"), "122nd"),
        Case(.formatInteger(1, "0;c"), "1"), Case(.formatInteger(1e21, "#,##0"), "1,000,000,000,000,000,000,000"),
        Case(.formatInteger(12, "#:##0"), "12"), Case(.formatInteger(1_234_567, "#'##0"), "1'234'567"),
        Case(.formatInteger(123, "##,##,##0"), "123"), Case(.formatInteger(702, "A"), "ZZ"),
        Case(.formatInteger(703, "A"), "AAA"),
        Case(.formatInteger(5, "𝟎𝟏"), "𝟎𝟓"), Case(.formatInteger(1, "x"), .code("D3130")),
        Case(.formatInteger(1, ""), .code("D3130")),
        Case(.formatInteger(3, "١;o"), "٣rd"),
    ]

    static let readIntegers: [Case] = [
        Case(.parseInteger("twelve thousand, four hundred and seventy-six", "w"), 12476),
        Case(.parseInteger("12,345,678", "#,##0"), 12_345_678), Case(.parseInteger("-12", "0"), -12),
        Case(.parseInteger("x", "0"), .nothing), Case(.parseInteger("", "0"), .nothing),
        Case(.parseInteger("", "I"), 0),
        Case(.parseInteger("IQ", "I"), .nothing), Case(.parseInteger("forty-twelve", "w"), 52),
        Case(.parseInteger("a lot", "w"), .nothing), Case(.parseInteger("", "w"), .nothing),
        Case(.parseInteger("1:234,567", "#:###,##0"), 1_234_567), Case(.parseInteger("xii", "i"), 12),
        Case(.parseInteger("123456789012345678901234567890", "0"), 1.2345678901234568e29),
        Case(
            .parseInteger("one thousand, two hundred and thirty-four trillion, five hundred", "w"),
            1_234_000_000_000_500),
        Case(.parseInteger("1", "##"), .code("D3130")), Case(.parseInteger("1", "0１"), .code("D3131")),
    ]
}
