// The slowest and the largest input of a run, kept as files, and their measurement in a build without libFuzzer.

import Foundation

/// Writes each input that took longer, or more memory, than all before it into the folder `NEWEL_FUZZ_RECORDS`.
final class FuzzRecords {
    // libFuzzer calls from one thread alone.
    nonisolated(unsafe) static let shared = FuzzRecords()

    private let folder = ProcessInfo.processInfo.environment["NEWEL_FUZZ_RECORDS"]
    private let target = ProcessInfo.processInfo.environment["NEWEL_FUZZ_TARGET"] ?? ""
    private var slowest = 0.005
    private var largest = 0
    private var written: [String: Int] = [:]

    func watch(_ input: UnsafeBufferPointer<UInt8>, _ body: FuzzTarget.Body) {
        guard let folder else { return body(input) }
        if largest == 0 { largest = Self.peakKiB }
        let start = Self.seconds
        body(input)
        let seconds = Self.seconds - start
        let peak = Self.peakKiB
        if seconds > 1.1 * slowest {
            slowest = seconds
            write(input, "slowest", to: folder)
        }
        if peak > largest + 256 {
            largest = peak
            write(input, "largest", to: folder)
        }
    }

    /// The last five records of each kind are kept.
    private func write(_ input: UnsafeBufferPointer<UInt8>, _ kind: String, to folder: String) {
        let number = written[kind, default: 0]
        written[kind] = number + 1
        try? Data(input).write(to: URL(fileURLWithPath: "\(folder)/\(target)-\(kind)-\(number % 5)"))
    }

    /// Of this thread's time on a processor.
    private static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static var peakKiB: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }
}

/// One input, run once.
struct Measurement {
    /// The bounds of one evaluation.
    private static let mostSeconds = 1.1
    private static let mostBytes = 64 << 20

    private let file: String
    private let seconds: Double
    private let bytes: Int

    init(_ file: String) {
        self.file = file
        let input = FileManager.default.contents(atPath: file) ?? Data()
        // Once before, for what is made at the first use.
        Data().withUnsafeBytes { FuzzTarget.chosen($0.assumingMemoryBound(to: UInt8.self)) }
        let idle = Self.restart()
        let start = ContinuousClock.now
        input.withUnsafeBytes { FuzzTarget.chosen($0.assumingMemoryBound(to: UInt8.self)) }
        let took = ContinuousClock.now - start
        seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
        bytes = max(0, Self.status("VmHWM") - idle)
    }

    /// Prints a line. Returns whether the input is within the bounds.
    func report() -> Bool {
        let isWithin = seconds <= Self.mostSeconds && bytes <= Self.mostBytes
        let milliseconds = (seconds * 10_000).rounded() / 10
        print("\(isWithin ? "ok  " : "OVER") \(milliseconds) ms \(bytes >> 10) KiB \(file)")
        return isWithin
    }

    /// Gives unused memory back, forgets the peak, and returns what the process takes, in bytes.
    private static func restart() -> Int {
        _ = mallocTrim(0)
        try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        return status("VmRSS")
    }

    private static func status(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0)
            << 10
    }
}

/// glibc's, which is in no module of Swift.
@_silgen_name("malloc_trim")
private func mallocTrim(_ pad: Int) -> Int32
