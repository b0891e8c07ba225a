// Entry points: libFuzzer's, and that of the build that replays inputs.

import Foundation

#if NEWEL_LIBFUZZER

    /// `NEWEL_FUZZ_TARGET` chooses the target; see `Tests/Fuzz/run`.
    @_cdecl("LLVMFuzzerTestOneInput")
    package func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        FuzzRecords.shared.watch(UnsafeBufferPointer(start: start, count: count), FuzzTarget.chosen)
        return 0
    }

    /// SwiftPM's name for the program's `main`: libFuzzer's own is not linked.
    @_cdecl("Fuzz_main")
    package func fuzzMain(
        _ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> Int32 {
        var count = count
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = arguments
        return runDriver(&count, &arguments, fuzzOneInput)
    }

    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<Int32>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ body: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
    ) -> Int32

#else

    /// Runs each input of the command line once and prints its time and the memory above idle.
    @main
    enum FuzzReplay {
        static func main() {
            let files = CommandLine.arguments.dropFirst()
            guard !files.isEmpty else { fatalError("files to replay") }
            var isWithinBounds = true
            for file in files { if !Measurement(file).report() { isWithinBounds = false } }
            exit(isWithinBounds ? 0 : 1)
        }
    }

#endif
