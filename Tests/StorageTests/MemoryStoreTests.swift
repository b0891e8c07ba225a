// The faults of the store in memory, which simulations rely upon.

import Simulation
import States
import Storage
import Testing

@Suite("The store in memory, when it fails")
struct MemoryStoreTests {
    let store = MemoryStore()
    let epoch: Epoch

    init() throws {
        epoch = try store.claim()
        try store.commit([.createMachine(.sample(1))], epoch: epoch)
    }

    @Test("A refused commit writes nothing.", arguments: [StoreError.Code.failed, .fatal])
    func refused(code: StoreError.Code) throws {
        store.inject(.refused(code))
        #expect(storeError { try store.commit([.start(.sample(1))], epoch: epoch) }?.code == code)
        #expect(try store.execution(id: run(1)) == nil)
    }

    @Test("A commit whose answer got lost is written.", arguments: [StoreError.Code.failed, .fatal])
    func writtenButFailed(code: StoreError.Code) throws {
        store.inject(.writtenButFailed(code))
        #expect(storeError { try store.commit([.start(.sample(1))], epoch: epoch) }?.code == code)
        #expect(try store.execution(id: run(1)) == .sample(1))
    }

    @Test("A fenced commit writes nothing, nor does any after it until the next claim.")
    func fenced() throws {
        store.inject(.fenced)
        for _ in 0..<2 {
            #expect(storeError { try store.commit([.start(.sample(1))], epoch: epoch) }?.code == .fenced)
        }
        #expect(try store.execution(id: run(1)) == nil)
        try store.commit([.start(.sample(1))], epoch: try store.claim())
    }

    @Test("After a fatal error nothing is written until the restart, and what was written stays.")
    func fatal() throws {
        try store.commit([.start(.sample(1))], epoch: epoch)
        store.inject(.refused(.fatal))
        for _ in 0..<2 {
            #expect(storeError { try store.commit([.start(.sample(2))], epoch: epoch) }?.code == .fatal)
        }
        #expect(storeError { _ = try store.claim() }?.code == .fatal)
        #expect(try store.execution(id: run(1)) == .sample(1))
        store.restart()
        try store.commit([.start(.sample(2))], epoch: try store.claim())
        #expect(try store.executionCounts() == [.running: 2])
    }

    @Test("Faults are met one by one, in their order.")
    func order() throws {
        store.inject(.refused(.failed), .writtenButFailed(.failed))
        let errors = (1...3).map { id in
            storeError { try store.commit([.start(.sample(id))], epoch: epoch) }?.code
        }
        #expect(errors == [.failed, .failed, nil])
        #expect(try store.execution(id: run(1)) == nil)
        #expect(try store.execution(id: run(2)) != nil)
        #expect(store.commits == 4)
        store.inject(.fenced)
        store.clearFaults()
        try store.commit([], epoch: epoch)
    }

    @Test("Reads fail as often as they are told to.")
    func reads() throws {
        store.failReads(2)
        #expect(storeError { _ = try store.machines() }?.code == .failed)
        #expect(storeError { _ = try store.nextWake() }?.code == .failed)
        #expect(try store.machines().count == 1)
    }
}
