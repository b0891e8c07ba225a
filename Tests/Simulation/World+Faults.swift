// What goes wrong in a world.

import Core
import Expressions
import States
import Storage

extension World {
    /// Lets something go wrong, now or when it next matters.
    func injectFault() {
        switch chance.number(below: 16) {
        case 0: store.failReads(1 + chance.number(below: 6))
        case 1: store.inject(.refused(chance.number(below: 4) == 0 ? .full : .failed))
        case 2: store.inject(.writtenButFailed(.failed))
        case 3...5: store.inject(.slow(milliseconds: Int64(1 + chance.number(below: kind.slowest))))
        case 6: if chance.number(below: 3) == 0 { store.inject(.refused(.fatal)) }
        case 7: if chance.number(below: 3) == 0 { store.inject(.writtenButFailed(.fatal)) }
        case 8: if chance.number(below: 3) == 0 { store.inject(.fenced) }
        case 9: damage()
        case 10: life.executor.losesTimer = true
        case 11...12: losesReply = true
        case 13: end(by: .crash)
        case 14: life.fuse = chance.number(below: 60)
        default: setClock()
        }
    }

    private func setClock() {
        guard kind.setsClock else {
            clock.skew(Int64(chance.number(below: 2_001)) - 1_000)
            return met(.clockSkewed)
        }
        let step = Int64(2_000 + chance.number(below: chance.number(below: 3) == 0 ? 3_600_000 : 60_000))
        clock.set(by: chance.number(below: 2) == 0 ? step : -step)
        met(.clockSet)
    }

    /// Damages the history of an execution that runs.
    private func damage() {
        let running = store.peek { contents in
            contents.executions.values.filter { $0.status == .running }.map(\.id).sorted()
        }
        guard !running.isEmpty else { return }
        store.damage(running[chance.number(below: running.count)])
    }

    /// Connects the store's faults and commits with the world.
    func observeStore() {
        var observer = MemoryStore.Observer()
        observer.willCommit = { [unowned self] in _ = life.call(.store) }
        observer.didCommit = { [unowned self] batch in
            trace.note("commit", batch.count, text: trace.keepsLines ? CommitLog.summary(batch) : "")
            journal.add(batch, at: time.milliseconds)
            _ = life.call(.store)
        }
        observer.pause = { [unowned self] milliseconds in
            let began = time.milliseconds
            pause(milliseconds)
            journal.slowest = max(journal.slowest, time.milliseconds - began)
        }
        observer.didFail = { [unowned self] effect in
            if !life.isOver { note(effect) }
        }
        store.observe(observer)
    }

    private func note(_ effect: MemoryStore.Effect) {
        switch effect {
        case .readFailed: met(.readFailed)
        case .damagedRowRead: met(.rowDamaged)
        case .commit(.slow): met(.commitSlow)
        case .commit(let fault):
            journal.failed += 1
            switch fault {
            case .refused(.fatal): met(.storeFatal)
            case .refused: met(.commitRefused)
            case .writtenButFailed(.fatal): met(.storeFatal)
            case .writtenButFailed: met(.writtenButFailed)
            case .fenced: met(.fenced)
            case .slow: break
            }
        }
    }
}
