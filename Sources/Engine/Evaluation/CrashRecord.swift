// What each thread of the engine was doing, in a mapped file that survives the process.

import Glibc
import Synchronization

/// Notes which execution each thread advances, so that the next start knows what the process was doing when it ended.
/// An execution that was being advanced at the end of two lives of the process, with no completed turn between, is
/// reported as `poison`.
///
/// The file is 12 KiB: a header, the suspects of the lives before, and 64 bytes for each thread. It is never synced: it
/// is for the end of the process, not of the machine.
package final class CrashRecord: Sendable {
    /// What the life before was doing when it ended.
    package struct Previous: Sendable, Equatable {
        /// The signal that ended the process; `nil` if it ended otherwise or cannot be known (SIGKILL).
        package var signal: Int32?
        /// Executions that were being advanced.
        package var executions: [Int64] = []
        /// Whether a client's evaluation was running.
        package var wasEvaluating = false
        /// Executions that were also being advanced when an earlier life ended.
        package var poison: [Int64] = []

        package init() {}

        /// Whether the process ended while it was doing something.
        package var isSuspicious: Bool { signal != nil || !executions.isEmpty }
    }

    package enum Kind: UInt64, Sendable {
        case shard = 1
        case evaluation = 2
        case clientEvaluation = 3
    }

    package let previous: Previous
    private let memory: Memory
    private let suspectCount: Atomic<Int>
    private let suspects = Mutex<Void>(())

    /// Opens the record of a state folder, to be called by the process that holds the folder's lock.
    ///
    /// Where the file cannot be made (a full disk), the record is in memory alone.
    package init(folder: String) {
        memory = Memory(path: "\(folder)/newel.crash")
        let (previous, suspects) = Self.begin(memory)
        self.previous = previous
        suspectCount = Atomic(suspects)
    }

    private static func begin(_ memory: Memory) -> (Previous, suspects: Int) {
        var previous = Previous()
        var suspects: [Int64] = []
        if memory[Layout.magicOffset] == Layout.magic, memory[Layout.endedOffset] == 0 {
            previous.signal =
                memory[Layout.signalOffset] == 0 ? nil : Int32(truncatingIfNeeded: memory[Layout.signalOffset])
            let guilty = memory[Layout.signalSlotOffset]
            for index in 0..<Layout.slots where guilty == 0 || guilty == UInt64(index + 1) {
                let offset = Layout.offset(ofSlot: index)
                guard memory[offset + Layout.began] != memory[offset + Layout.finished] else { continue }
                if memory[offset + Layout.kind] == Kind.clientEvaluation.rawValue {
                    previous.wasEvaluating = true
                } else {
                    let execution = Int64(bitPattern: memory[offset])
                    if execution > 0, !previous.executions.contains(execution) { previous.executions.append(execution) }
                }
            }
        }
        if memory[Layout.magicOffset] == Layout.magic {
            suspects = (0..<Layout.suspects).map { Int64(bitPattern: memory[Layout.suspectsOffset + 8 * $0]) }
                .filter { $0 != 0 }
        }
        previous.poison = previous.executions.filter { suspects.contains($0) }
        suspects = (previous.executions + suspects.filter { !previous.executions.contains($0) })
            .filter { !previous.poison.contains($0) }
        let clock = memory[Layout.magicOffset] == Layout.magic ? memory[Layout.clockOffset] : 0
        memory.clear()
        memory[Layout.clockOffset] = clock
        for (index, suspect) in suspects.prefix(Layout.suspects).enumerated() {
            memory[Layout.suspectsOffset + 8 * index] = UInt64(bitPattern: suspect)
        }
        memory[Layout.magicOffset] = Layout.magic
        return (previous, min(suspects.count, Layout.suspects))
    }

    /// Executions that were being advanced when an earlier life ended, and have not completed a turn since.
    package var suspected: [Int64] {
        (0..<Layout.suspects).map { Int64(bitPattern: memory[Layout.suspectsOffset + 8 * $0]) }.filter { $0 != 0 }
    }

    /// A turn of the execution has come to its end: it is no suspect.
    package func completed(_ execution: Int64) {
        guard suspectCount.load(ordering: .relaxed) > 0 else { return }
        suspects.withLock { _ in
            for index in 0..<Layout.suspects {
                let offset = Layout.suspectsOffset + 8 * index
                guard memory[offset] == UInt64(bitPattern: execution) else { continue }
                memory[offset] = 0
                suspectCount.wrappingSubtract(1, ordering: .relaxed)
            }
        }
    }

    /// What the engine's clock keeps over restarts, in milliseconds.
    var clockOffset: Int64 {
        get { Int64(bitPattern: memory[Layout.clockOffset]) }
        set { memory[Layout.clockOffset] = UInt64(bitPattern: newValue) }
    }

    /// The process ends by itself: what is being advanced is not the reason.
    package func ended() { memory[Layout.endedOffset] = 1 }

    /// The place of one thread: `index` counts the shards, the evaluation threads, those for clients.
    package func slot(_ kind: Kind, _ index: Int) -> Slot? {
        let first =
            switch kind {
            case .shard: 0
            case .evaluation: 64
            case .clientEvaluation: 72
            }
        guard first + index < Layout.slots else { return nil }
        return Slot(memory: memory, offset: Layout.offset(ofSlot: first + index), kind: kind)
    }

    /// Used by one thread at a time.
    package struct Slot: Sendable {
        fileprivate let memory: Memory
        fileprivate let offset: Int
        fileprivate let kind: Kind

        /// The thread begins to advance an execution; 0 for what is none.
        @inline(never)
        package func begin(_ execution: Int64) {
            memory[offset] = UInt64(bitPattern: execution)
            memory[offset + Layout.thread] = UInt64(pthread_self())
            memory[offset + Layout.kind] = kind.rawValue
            memory[offset + Layout.began] &+= 1
        }

        @inline(never)
        package func end() { memory[offset + Layout.finished] = memory[offset + Layout.began] }
    }
}

extension CrashRecord {
    fileprivate enum Layout {
        static let bytes = 12_288
        static let magic: UInt64 = 0x3130_434C_4557_454E
        static let magicOffset = 0
        static let signalOffset = 8
        /// Number of the slot whose thread got the signal, counted from 1; the highest number if it has none.
        static let signalSlotOffset = 16
        static let endedOffset = 24
        static let clockOffset = 32
        static let suspectsOffset = 64
        static let suspects = 128
        static let slotsOffset = 2_048
        static let slots = 80
        static let slotBytes = 64
        // Within a slot, after the execution's id.
        static let began = 8
        static let finished = 16
        static let thread = 24
        static let kind = 32

        static func offset(ofSlot index: Int) -> Int { slotsOffset + index * slotBytes }
    }

    // Every word has one writer at a time; the process that reads them all comes later.
    fileprivate final class Memory: @unchecked Sendable {
        let base: UnsafeMutableRawPointer

        init(path: String) {
            base = Self.map(path) ?? .allocate(byteCount: Layout.bytes, alignment: 16)
        }

        /// The blocks are allocated first: a write to a mapped file on a full disk would end the process.
        private static func map(_ path: String) -> UnsafeMutableRawPointer? {
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { return nil }
            defer { close(file) }
            var status = stat()
            guard fstat(file, &status) == 0 else { return nil }
            let isWhole = status.st_size == Layout.bytes
            if !isWhole { guard ftruncate(file, 0) == 0 else { return nil } }
            guard posix_fallocate(file, 0, off_t(Layout.bytes)) == 0 else { return nil }
            let memory = mmap(nil, Layout.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
            return memory == MAP_FAILED ? nil : memory
        }

        func clear() { memset(base, 0, Layout.bytes) }

        subscript(offset: Int) -> UInt64 {
            get { base.load(fromByteOffset: offset, as: UInt64.self) }
            set { base.storeBytes(of: newValue, toByteOffset: offset, as: UInt64.self) }
        }
    }
}

// MARK: - Signals

/// Where the handler of deadly signals finds the record. Set once, before the handler is installed.
// A handler of signals can only reach globals.
nonisolated(unsafe) private var recordInHandler: UnsafeMutableRawPointer? = nil

extension CrashRecord {
    private static let deadlySignals = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

    /// Lets a signal that ends the process write one line and a note in this record, and then end it at once. The
    /// runtime's own handler, which prints a backtrace for many seconds with all sockets open, is replaced.
    package func catchDeadlySignals() {
        recordInHandler = memory.base
        for signal in Self.deadlySignals {
            var action = sigaction()
            action.__sigaction_handler.sa_sigaction = { number, information, _ in
                if number == SIGBUS, let address = information?.pointee._sifields._sigfault.si_addr,
                    CrashRecord.replacesMemory(at: address)
                {
                    return
                }
                if number == SIGBUS, let code = information?.pointee.si_code, code > 0 { CrashRecord.lostFile() }
                CrashRecord.died(of: number)
            }
            action.sa_flags = Int32(SA_SIGINFO) | Int32(SA_NODEFER) | Int32(SA_ONSTACK)
            sigaction(signal, &action, nil)
        }
    }

    /// The record's file was cut while it is mapped: from now on the record is in memory alone. Returns whether the
    /// address is the record's.
    private static func replacesMemory(at address: UnsafeMutableRawPointer) -> Bool {
        guard let base = recordInHandler, address >= base, address < base + Layout.bytes else { return false }
        let flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS
        return mmap(base, Layout.bytes, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED
    }

    /// A mapped file was cut, or its disk failed: the process ends as for any other failure of the disk.
    private static func lostFile() -> Never {
        CrashLine.write { $0.append("newel: a mapped state file was cut or cannot be read; the process ends\n") }
        _exit(74)
    }

    /// Calls nothing that is not safe in a handler of signals.
    private static func died(of number: Int32) {
        guard let base = recordInHandler else { return }
        base.storeBytes(of: UInt64(number), toByteOffset: Layout.signalOffset, as: UInt64.self)
        base.storeBytes(of: UInt64.max, toByteOffset: Layout.signalSlotOffset, as: UInt64.self)
        let this = UInt64(pthread_self())
        var execution: UInt64 = 0
        var kind: UInt64 = 0
        var index = 0
        while index < Layout.slots {
            let slot = base + Layout.offset(ofSlot: index)
            if slot.load(fromByteOffset: Layout.thread, as: UInt64.self) == this,
                slot.load(fromByteOffset: Layout.began, as: UInt64.self)
                    != slot.load(fromByteOffset: Layout.finished, as: UInt64.self)
            {
                base.storeBytes(of: UInt64(index + 1), toByteOffset: Layout.signalSlotOffset, as: UInt64.self)
                execution = slot.load(as: UInt64.self)
                kind = slot.load(fromByteOffset: Layout.kind, as: UInt64.self)
                break
            }
            index += 1
        }
        CrashLine.write { line in
            line.append("newel: ended by signal ")
            line.append(UInt64(number))
            if kind == Kind.clientEvaluation.rawValue {
                line.append(" while evaluating for a client")
            } else if execution != 0 {
                line.append(" while advancing execution ")
                line.append(execution)
            }
            line.append("\n")
        }
        // Once more, with the default action: a signal that another process has sent does not come again by itself.
        signal(number, SIG_DFL)
        raise(number)
    }
}

/// A line of a signal handler, composed on the stack. One call writes it whole, so that no line of another thread comes
/// in between.
private struct CrashLine {
    private let bytes: UnsafeMutableRawBufferPointer
    private var count = 0

    /// Writes the line that `compose` puts together, at most 160 bytes of it.
    static func write(_ compose: (inout CrashLine) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 160, alignment: 1) { bytes in
            var line = CrashLine(bytes: bytes)
            compose(&line)
            _ = Glibc.write(2, bytes.baseAddress, line.count)
        }
    }

    private init(bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    mutating func append(_ text: StaticString) {
        for place in 0..<text.utf8CodeUnitCount { append(byte: text.utf8Start[place]) }
    }

    mutating func append(_ number: UInt64) {
        var unit: UInt64 = 1
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            append(byte: UInt8(0x30 + number / unit % 10))
            unit /= 10
        }
    }

    private mutating func append(byte: UInt8) {
        guard count < bytes.count else { return }
        bytes[count] = byte
        count += 1
    }
}
