// Workers of activities and holders of tokens, as clients of a world.

import Core
import Engine
import EngineSupport
import Expressions
import JSON
import States
import Storage

extension World {
    /// A worker asks for a task.
    func poll(_ engine: Engine) {
        poll(engine, chance.number(below: 4) == 0 ? Machines.deletableActivity : Machines.activity)
    }

    func poll(_ engine: Engine, _ name: String) {
        let (call, life) = (call(.poll), life!)
        _ = engine.pollActivity(arn: Self.scope.activityARN(name), workerName: "w") { [self] result in
            switch result {
            case .success(let task): gave(task, to: call, life)
            case .failure(let error):
                guard answered(call, in: life) else { return }
                check(error, .poll, allowed: [.activityDoesNotExist])
                if isCalm, error.code == .activityDoesNotExist { createActivity(engine) }
            }
        }
    }

    private func gave(_ task: ActivityTask?, to call: Int, _ life: Life) {
        let isLost = losesReply
        let reaches = answered(call, in: life)
        guard let task, !life.isOver else { return }
        let row = store.peek { $0.tasks[.init(execution: task.id.execution, event: task.id.scheduledEvent)] }
        if row?.isDelivered == true { ledger.violate("task \(task.id) is given to two workers") }
        if !events(task.id.execution).contains(where: { $0.kind.isActivityStarted }) {
            ledger.violate("task \(task.id) is given to a worker before that is stored")
        }
        life.engine?.activityTaskSent(task, reached: reaches)
        if reaches { workers.gotToken(task.token) } else if !isLost { ledger.violate("task \(task.id) came twice") }
    }

    // MARK: - Reports

    func succeed(_ job: Workers.Job, output: String) {
        guard let engine = life.engine else { return }
        let (call, life) = (call(.taskSuccess), life!)
        life.ask { () throws(ServiceError) in
            try await engine.sendTaskSuccess(token: job.token, output: output, scope: Self.scope)
        } reply: { [self] result in
            ended(result, call, life, .taskSuccess, job, .succeeded(output))
        }
    }

    func fail(_ job: Workers.Job, cause: String) {
        guard let engine = life.engine else { return }
        let (call, life) = (call(.taskFailure), life!)
        life.ask { () throws(ServiceError) in
            try await engine.sendTaskFailure(token: job.token, error: "Worker", cause: cause, scope: Self.scope)
        } reply: { [self] result in
            ended(result, call, life, .taskFailure, job, .failed(cause: cause))
        }
    }

    private func ended(
        _ result: Result<Void, ServiceError>, _ call: Int, _ life: Life, _ operation: Operation, _ job: Workers.Job,
        _ report: Ledger.Report
    ) {
        guard answered(call, in: life) else { return }
        switch result {
        case .success:
            ledger.reported(job.task, report)
            let events = events(job.task.execution)
            if !events.contains(where: { $0.kind.reports(report) }), !hasReachedLimit(events) {
                ledger.violate("\(report) of task \(job.task) was acknowledged before it was stored")
            }
        case .failure(let error): check(error, operation, allowed: [.taskTimedOut, .taskDoesNotExist])
        }
    }

    func heartbeat(_ job: Workers.Job) {
        guard let engine = life.engine else { return }
        let (call, life) = (call(.taskHeartbeat), life!)
        let sent = time.milliseconds
        life.ask { () throws(ServiceError) in
            try await engine.sendTaskHeartbeat(token: job.token, scope: Self.scope)
        } reply: { [self] result in
            guard answered(call, in: life) else { return }
            switch result {
            case .success: ledger.heartbeat(job.task, sent: sent)
            case .failure(let error): check(error, .taskHeartbeat, allowed: [.taskTimedOut, .taskDoesNotExist])
            }
        }
    }
}

extension RecordKind {
    fileprivate var isActivityStarted: Bool { if case .activityStarted = self { true } else { false } }

    /// Whether the event is what a worker's report makes.
    func reports(_ report: Ledger.Report) -> Bool {
        switch (self, report) {
        case (.taskSucceeded(let succeeded), .succeeded(let sent)): succeeded.output.text == sent
        case (.taskFailed(let failed), .failed(let cause)): failed.failure.cause == cause
        default: false
        }
    }
}
