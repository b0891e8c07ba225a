// Calls of `$fromMillis` and `$toMillis`, and what they give.

@testable import Expressions

extension JSONataFormatsCases {
    /// Friday, 2018-03-23T10:33:36.617Z.
    private static let friday = 1_521_801_216_617.0

    static let times: [Case] = [
        Case(.fromMillis(1_510_067_557_121, nil), "2017-11-07T15:12:37.121Z"),
        Case(.fromMillis(1_510_067_557_121, "[M01]/[D01]/[Y0001] [h#1]:[m01][P]"), "11/07/2017 3:12pm"),
        Case(.fromMillis(1_510_067_557_121, "[H01]:[m01]:[s01] [z]", "-0500"), "10:12:37 GMT-05:00"),
        Case(.fromMillis(friday, nil, "+0530"), "2018-03-23T16:03:36.617+05:30"),
        Case(.fromMillis(friday, nil, "-0330"), "2018-03-23T07:03:36.617-03:30"),
        Case(.fromMillis(friday, nil, "+05:30"), "2018-03-23T16:03:36.617+05:30"),
        Case(.fromMillis(friday, nil, "no"), .nothing),
        Case(.fromMillis(-1, nil), "1969-12-31T23:59:59.999Z"), Case(.fromMillis(1.9, nil), "1970-01-01T00:00:00.001Z"),
        Case(.fromMillis(8.64e15, nil), "+275760-09-13T00:00:00.000Z"), Case(.fromMillis(8.64e15 + 2, nil), .nothing),
        Case(.fromMillis(-8.64e15, nil), "-271821-04-20T00:00:00.000Z"),
        Case(.fromMillis(-62_198_755_200_000, nil), "-000001-01-01T00:00:00.000Z"),
        Case(.fromMillis(8.64e15, "[Y]"), "275760"), Case(.fromMillis(8.64e15, "[Y01]"), "60"),
        Case(.fromMillis(friday, "[Y01]"), "18"), Case(.fromMillis(friday, "[Y,*-2]"), "18"),
        Case(.fromMillis(friday, "[YI,2-2]"), "XVIII"),
        Case(.fromMillis(0, "[h] [P] [H]"), "12 am 0"), Case(.fromMillis(43_200_000, "[h] [PN] [PNn]"), "12 PM Pm"),
        Case(.fromMillis(5, "[f] [f001] [f,3]"), "5 005 005"), Case(.fromMillis(friday, "[FN,2-2]"), "FR"),
        Case(.fromMillis(friday, "[MNn,*-3] [xN] [w] [X] [W01] [d001]"), "Mar MARCH 4 2018 12 082"),
        Case(.fromMillis(friday, "[DW] [DWw] [DWwo]"), "TWENTY-THREE Twenty-Three Twenty-Third"),
        Case(.fromMillis(friday, "[Z0] [z0] [Z0001] [Z01:01t] [Z0:01]"), "+0 GMT+0 +0000 Z +0:00"),
        Case(.fromMillis(friday, "[Z01] [z0] [Z0.01]", "-0530"), "-05:30 GMT-5:30 -5.30"),
        Case(.fromMillis(friday, "[D١]"), "٢٣"),
        Case(.fromMillis(friday, ""), ""), Case(.fromMillis(friday, "a]b"), "a]b"),
        Case(.fromMillis(friday, "[[[[]]]]"), "[[]]"),
        Case(.fromMillis(friday, "[]"), .code("D3132")), Case(.fromMillis(friday, "[q]"), .code("D3132")),
        Case(.fromMillis(friday, "[Y"), .code("D3135")),
        Case(.fromMillis(friday, "[DN]"), .code("D3133")), Case(.fromMillis(friday, "[ZN]"), .code("D3133")),
        Case(.fromMillis(friday, "[Y#]"), .code("D3130")), Case(.fromMillis(friday, "[Z00001]"), .code("D3134")),
        Case(.fromMillis(friday, "[Y0１]"), .code("D3131")),
    ]

    /// Read on 2018-03-23T10:33:36.617Z.
    static let readTimes: [Case] = [
        Case(.toMillis("2017-11-07T15:12:37.121Z", nil), 1_510_067_557_121),
        Case(.toMillis("2018-02", nil), 1_517_443_200_000),
        Case(.toMillis("2018-02-31", nil), 1_520_035_200_000),
        Case(.toMillis("2018-02-01T10:00:00", nil), 1_517_479_200_000),
        Case(.toMillis("2018-02-01T10:00:00.5+01:00", nil), 1_517_475_600_500),
        Case(.toMillis("2018-02-01T10:00:00.1239999Z", nil), 1_517_479_200_123),
        Case(.toMillis("2018-02-01T24:00:00Z", nil), 1_517_529_600_000),
        Case(.toMillis("0000-01-01", nil), -62_167_219_200_000),
        Case(.toMillis("2018-13-01", nil), .code("D3110")),
        Case(.toMillis("2018-02-01T24:00:01Z", nil), .code("D3110")),
        Case(.toMillis("2018-02-01T10:00Z", nil), .code("D3110")), Case(.toMillis("", nil), .code("D3110")),
        Case(.toMillis("12018-02-01", nil), .code("D3110")),
        Case(.toMillis("2018-02-01T10:00:00ZZ", nil), .code("D3110")), Case(.toMillis("2018-2-1", nil), .code("D3110")),
        // What the picture leaves out before its first part is as now, what it leaves out behind the last is the least.
        Case(.toMillis("13:45", "[H]:[m]"), 1_521_812_700_000),
        Case(.toMillis("1:45 pm", "[h]:[m] [P]"), 1_521_812_700_000),
        Case(.toMillis("April", "[MNn]"), 1_522_540_800_000), Case(.toMillis("5", "[D]"), 1_520_208_000_000),
        Case(.toMillis("10", "[s]"), 1_521_801_190_000), Case(.toMillis("2018", "[Y]"), 1_514_764_800_000),
        Case(.toMillis("1 PM", "[h] [P]"), 1_521_810_000_000), Case(.toMillis("Friday", "[FNn]"), friday),
        Case(.toMillis("2018 10", "[Y] [D]"), .code("D3136")),
        Case(.toMillis("2018-01-01 1:45", "[Y]-[M]-[D] [h]:[m]"), .code("D3136")),
        Case(.toMillis("2018 3", "[X] [x]"), .code("D3136")),
        Case(.toMillis("2018-01-01T00:00:00.5", "[Y]-[M]-[D]T[H]:[m]:[s].[f1]"), 1_514_764_800_500),
        Case(.toMillis("23RD MARCH 2018", "[D1o] [MN] [Y]"), 1_521_763_200_000),
        Case(.toMillis("13/13/2018", "[D]/[M]/[Y]"), 1_547_337_600_000),
        Case(.toMillis("2018-082", "[Y]-[d]"), 1_521_763_200_000), Case(.toMillis("18", "[Y01]"), -1_640_995_200_000),
        Case(.toMillis("2018 Z", "[Y] [Z01:01t]"), 1_514_764_800_000),
        Case(.toMillis("2018 +0530", "[Y] [Z01:01]"), .nothing),
        Case(.toMillis("2018 +5:30", "[Y] [Z0]"), 1_514_745_000_000),
        Case(.toMillis("2018 -03:30", "[Y] [Z]"), 1_514_777_400_000),
        Case(.toMillis("2,018", "[Y9,999,*]"), 1_514_764_800_000), Case(.toMillis("٢٠١٨", "[Y١]"), 1_514_764_800_000),
        Case(.toMillis("2018-03-23", "[Y]-[M]"), .nothing), Case(.toMillis("2018-03", "[Y]-[M]-[D]"), .nothing),
        Case(.toMillis("2018 Foo", "[Y] [MNn]"), .nothing),
        Case(.toMillis("2018-11-31", "[Y]-[M]-[D]"), 1_543_622_400_000),
        Case(.toMillis("20240101123849", "[Y0000][M00][D00][H00][m00][s00]"), 1_704_112_729_000),
        Case(.toMillis("[2018]", "[[[Y]]]"), 1_514_764_800_000), Case(.toMillis("x", ""), .nothing),
        Case(.toMillis("", ""), .nothing),
        Case(.toMillis("275760 9 13", "[Y] [M] [D]"), 8.64e15), Case(.toMillis("275760 9 14", "[Y] [M] [D]"), .nothing),
        Case(.toMillis("x", "[YN]"), .code("D3133")), Case(.toMillis("x", "[Y"), .code("D3135")),
        Case(.toMillis("x", "[Y#]"), .code("D3130")),
    ]
}
