// What comes from outside for an execution that is there: reports on tasks, and redrives.

import Core
import States
import Storage

extension Shard {
    /// The first report wins: for later ones the task is no longer open.
    mutating func take(_ report: TaskReport, _ plan: inout TurnPlan, _ now: Timestamp) throws(StoreError) {
        guard var live = try take(report.task.execution, &plan) else {
            return plan.reply(.rejected(.taskDoesNotExist), to: report.replyTo)
        }
        if let scope = report.scope, !live.execution.identity.arn.hasPrefix(scope.prefix + ":") {
            plan.put(live)
            return plan.reply(.rejected(.invalidToken), to: report.replyTo)
        }
        guard live.execution.openTasks.contains(where: { $0.scheduledEvent == report.task.scheduledEvent }) else {
            plan.put(live)
            return plan.reply(.rejected(.taskTimedOut), to: report.replyTo)
        }
        advance(&live, report.stimulus, &plan, now)
        plan.put(live)
        plan.settle(report.task.execution, report.stimulus)
        if case .taskHeartbeat(let task) = report.stimulus {
            plan.turn.changes.append(
                .changeTask(
                    OpenTaskRecord(execution: report.task.execution, scheduledEvent: task, heartbeat: now)))
        }
        plan.reply(.done, to: report.replyTo)
    }

    mutating func redrive(_ command: RedriveCommand, _ plan: inout TurnPlan, _ now: Timestamp) throws(StoreError) {
        guard var live = try take(command.execution, &plan) else {
            return plan.reply(
                .rejected(.executionNotRedrivable("Execution has been deleted")), to: command.replyTo)
        }
        let reply: Reply
        if !configuration.isVisible(live.record, plan.wall) {
            // It has expired since the request came, and is about to be deleted.
            reply = .rejected(.executionDoesNotExist(live.execution.identity.arn))
        } else if let before = live.execution.redrive(by: command.clientToken, now: plan.wall) {
            reply = .redriven(before.time)
        } else if let reason = live.record.reasonAgainstRedrive(now: plan.wall, limits: configuration.limits) {
            reply = .rejected(.executionNotRedrivable(reason))
        } else {
            advance(&live, .redrive(clientToken: command.clientToken), &plan, now)
            reply = .redriven(live.record.redriveDate ?? plan.wall)
        }
        plan.put(live)
        plan.reply(reply, to: command.replyTo)
    }
}

extension Execution {
    /// The redrive that a client's token belongs to: one of the last ten, not older than a quarter of an hour
    /// (api.md §3).
    fileprivate func redrive(by clientToken: String?, now: Timestamp) -> Redrive? {
        guard let clientToken else { return nil }
        return redrives.suffix(10).last {
            $0.clientToken == clientToken && $0.time.adding(seconds: 900) > now
        }
    }
}

extension Store {
    /// The open tasks of one execution.
    func openTasks(of execution: Int64) throws(StoreError) -> [OpenTaskRecord] {
        let limit = Limits.Store.maximumRowsPerRead
        var tasks: [OpenTaskRecord] = []
        var after = OpenTaskRecord(execution: execution, scheduledEvent: 0)
        while true {
            let page = try openTasks(after: after, limit: limit).filter { $0.execution == execution }
            tasks += page
            guard page.count == limit, let last = page.last else { return tasks }
            after = last
        }
    }
}
