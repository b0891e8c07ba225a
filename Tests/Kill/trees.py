# Executions that start one another: the trees that the load starts, and what each must have become.
import collections
import json
import queue
import threading
import time

from daemon import LOST, Client, machine_arn

START = "arn:aws:states:::states:startExecution"
PARENT = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
# Seconds that no run lasts: a leaf that waits so long ends by being stopped.
FOREVER = 100_000
ABORTED = "The Task state in AWS Step Functions execution [{}] which was managing this resource was aborted"


def start(machine, pattern="", name=False, seconds="$.seconds", failures="$.failures", **fields):
    """A Task that starts an execution. Its input names the attempt: the parent, the state, the retry."""
    parameters = {"StateMachineArn": machine_arn(machine), "Input": {
        f"{PARENT}.$": "$$.Execution.Id", "state.$": "$$.State.Name", "attempt.$": "$$.State.RetryCount",
        "seconds.$": seconds, "failures.$": failures}}
    if name:
        parameters["Name.$"] = "States.Format('{}-{}-{}', $$.Execution.Name, $$.State.Name, $$.State.RetryCount)"
    return {"Type": "Task", "Resource": START + pattern, "Parameters": parameters, **fields}


def one(state, **states):
    return {"StartAt": "Run", "States": {"Run": dict(state, End=True), **states}}


RETRY = {"Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2}]}
CATCH = {"Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]}
DEFINITIONS = {
    # Waits, and fails in so many first attempts of its parent.
    "kill-leaf": {"StartAt": "Wait", "States": {
        "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Choose"},
        "Choose": {"Type": "Choice", "Default": "Done", "Choices": [
            {"Variable": "$.attempt", "NumericLessThanPath": "$.failures", "Next": "Fail"}]},
        "Fail": {"Type": "Fail", "Error": "Leaf.Failed", "Cause": "as its input says"},
        "Done": {"Type": "Pass", "Parameters": {"leaf.$": "$$.Execution.Id"}, "End": True}}},
    "kill-middle": one(start("kill-leaf", ".sync:2", **RETRY)),
    "kill-named": one(start("kill-middle", ".sync", name=True)),
    "kill-fresh": one(start("kill-middle", ".sync:2")),
    "kill-launch": one(start("kill-leaf")),
    "kill-hasty": one(start("kill-middle", ".sync:2", TimeoutSeconds=1, **CATCH), Late={"Type": "Pass", "End": True}),
    "kill-fork": {"StartAt": "Fork", "States": {"Fork": {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": state, "States": {state: dict(task, End=True)}} for state, task in {
            "Sync": start("kill-leaf", ".sync"),
            "Deep": start("kill-middle", ".sync:2", name=True, seconds="$.deep", failures="$.none"),
            # Not waited for: it ends by itself, whatever becomes of its parent.
            "Plain": start("kill-leaf", name=True, seconds="$.plain", failures="$.none"),
        }.items()]}}},
}
INNER = ["kill-leaf", "kill-middle"]


class Tree:
    """A kind of tree: its machine, its input, how it ends, and whether a client stops it."""

    def __init__(self, machine, status, weight, stops=False, **fields):
        self.machine, self.status, self.weight, self.stops = machine, status, weight, stops
        self.body = {"seconds": 0, "failures": 0, "deep": 0, "plain": 0, "none": 0, **fields}


TREES = {
    "tree-named": Tree("kill-named", "SUCCEEDED", 2),
    "tree-fresh": Tree("kill-fresh", "SUCCEEDED", 2),
    "tree-slow": Tree("kill-fresh", "SUCCEEDED", 1, seconds=1),
    "tree-retried": Tree("kill-named", "SUCCEEDED", 1, failures=1),
    "tree-failed": Tree("kill-fresh", "FAILED", 1, failures=9),
    "tree-launch": Tree("kill-launch", "SUCCEEDED", 2),
    "tree-fork": Tree("kill-fork", "SUCCEEDED", 2, plain=1),
    # A branch fails, and the child of another is aborted.
    "tree-torn": Tree("kill-fork", "FAILED", 1, failures=9, deep=FOREVER, plain=1),
    "tree-hasty": Tree("kill-hasty", "SUCCEEDED", 1, seconds=FOREVER),
    "tree-stopped-named": Tree("kill-named", "ABORTED", 1, stops=True, seconds=FOREVER),
    "tree-stopped-fresh": Tree("kill-fresh", "ABORTED", 1, stops=True, seconds=FOREVER),
    "tree-stopped-fork": Tree("kill-fork", "ABORTED", 1, stops=True, seconds=FOREVER, deep=FOREVER, plain=1),
}


class Stopper(threading.Thread):
    """A client that stops executions, and asks again when the daemon dies before it answers."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.client, self.due = Client(target), queue.PriorityQueue()
        self.refused, self.stopped, self.lost_answers = [], 0, 0

    def stop(self, arn, seconds):
        self.due.put((time.monotonic() + seconds, arn))

    def finish(self):
        """Every stop has its answer when this returns; the daemon must be up."""
        self.due.join()

    def run(self):
        while True:
            due, arn = self.due.get()
            time.sleep(max(0, due - time.monotonic()))
            self.carry(arn)
            self.due.task_done()

    def carry(self, arn):
        while True:
            try:
                status, answer = self.client.call("StopExecution", executionArn=arn, cause="by the kill test")
            except LOST:
                self.lost_answers += 1
                time.sleep(0.02)
                continue
            self.stopped += 1
            if status != 200:
                self.refused.append(f"{arn} {status} {answer}")
            return


class Attempt:
    """A task that starts an execution, as its parent's history has it."""

    def __init__(self, parent, scheduled, followers):
        details = scheduled["taskScheduledEventDetails"]
        parameters = json.loads(details["parameters"])
        self.parent, self.resource = parent, details["resource"]
        self.name = parameters.get("Name")
        given = parameters["Input"]
        self.key = (given[PARENT], given["state"], given["attempt"])
        # The events of the task alone: each follows the one before.
        self.child = self.end = self.result = None
        event = scheduled
        while event is not None and self.end is None:
            event = next((e for e in followers.get(event["id"], []) if "StateExited" not in e["type"]
                          and e["type"].startswith("Task")), None)
            if event is not None:
                self.read(event)

    @property
    def is_waited_for(self):
        return self.resource != "startExecution"

    def read(self, event):
        kind = event["type"]
        if kind == "TaskSubmitted":
            self.child = json.loads(event["taskSubmittedEventDetails"]["output"])["ExecutionArn"]
        elif kind != "TaskStarted":
            self.end = kind
        if kind == "TaskSucceeded":
            self.result = json.loads(event["taskSucceededEventDetails"]["output"])
            self.child = self.child or self.result["ExecutionArn"]
        elif kind == "TaskFailed":
            self.result = json.loads(event["taskFailedEventDetails"]["cause"])


class Forest:
    """All trees, from the histories of their executions."""

    def __init__(self):
        self.statuses, self.inputs, self.outputs, self.errors, self.causes = {}, {}, {}, {}, {}
        self.attempts, self.lock = [], threading.Lock()

    def add(self, arn, status, events):
        """An execution of one of the machines above."""
        followers = collections.defaultdict(list)
        for event in events:
            followers[event["previousEventId"]].append(event)
        attempts = [Attempt(arn, e, followers) for e in events if e["type"] == "TaskScheduled"]
        last = events[-1]
        details = next((value for key, value in last.items() if key.endswith("EventDetails")), {})
        with self.lock:
            self.statuses[arn] = status
            self.inputs[arn] = json.loads(events[0]["executionStartedEventDetails"]["input"])
            self.outputs[arn] = json.loads(details.get("output", "null"))
            self.errors[arn], self.causes[arn] = details.get("error"), details.get("cause")
            self.attempts += attempts

    def check(self, verdict):
        children = collections.defaultdict(list)
        for arn, given in self.inputs.items():
            if PARENT in given:
                children[(given[PARENT], given["state"], given["attempt"])].append(arn)
        counts = collections.Counter(attempt.key for attempt in self.attempts)
        for key, count in counts.items():
            verdict.check("an attempt of a task is scheduled once", count == 1, key)
        for key, arns in children.items():
            verdict.check("a child is of one attempt of its parent", key in counts, f"{key} {arns}")
        for attempt in self.attempts:
            verdict.check("an attempt is its parent's", attempt.key[0] == attempt.parent, attempt.key)
            self.link(verdict, attempt, children[attempt.key])

    def link(self, verdict, attempt, children):
        seen = f"{attempt.key} {attempt.resource} {attempt.end} {[(c, self.statuses[c]) for c in children]}"
        verdict.check("an attempt has at most one child", len(children) <= 1, seen)
        if attempt.child or attempt.end in ("TaskSucceeded", "TaskFailed"):
            verdict.check("an attempt has the child that its parent names", children[:1] == [attempt.child], seen)
        if not children:
            return
        child = children[0]
        if attempt.name:
            verdict.check("a child has the name that it was given", child.endswith(":" + attempt.name), seen)
        if not attempt.is_waited_for:
            verdict.check("a child that is not waited for ends as it says",
                          self.statuses[child] == "SUCCEEDED" and attempt.end in ("TaskSucceeded", None), seen)
        elif attempt.end in ("TaskSucceeded", "TaskFailed"):
            self.compare(verdict, attempt, child, seen)
        else:
            self.abandoned(verdict, attempt, child, seen)

    def compare(self, verdict, attempt, child, seen):
        """A task that has waited for its child has the child's end as its result."""
        result, output, given = attempt.result, self.outputs[child], self.inputs[child]
        parses = attempt.resource.endswith(".sync:2")
        read = (lambda value: value) if parses else json.loads
        verdict.check("a result names its child and its status", (result["ExecutionArn"], result["Status"]) == (
            child, self.statuses[child]), f"{seen} {result}")
        verdict.check("a result has its child's input", read(result["Input"]) == given, f"{seen} {result}")
        if attempt.end == "TaskSucceeded":
            verdict.check("a task succeeds with its child, and has its output", self.statuses[child] == "SUCCEEDED"
                          and read(result["Output"]) == output, f"{seen} {result}")
        else:
            verdict.check("a task fails with its child, and has its error", self.statuses[child] == "FAILED"
                          and result.get("Error") == self.errors[child], f"{seen} {result}")

    def abandoned(self, verdict, attempt, child, seen):
        """The parent has ended, or its time was over: a child that had not ended by then is aborted."""
        if self.statuses[child] == "ABORTED":
            verdict.check("an aborted child names its parent", self.causes[child] == ABORTED.format(attempt.parent),
                          f"{seen} {self.causes[child]}")
            return
        forever = self.inputs[child]["seconds"] == FOREVER
        verdict.check("the child of a parent that was stopped is aborted", not forever
                      and self.statuses[child] in ("SUCCEEDED", "FAILED"), seen)

    def report(self):
        waited = sum(attempt.is_waited_for for attempt in self.attempts)
        ends = collections.Counter(self.statuses[arn] for arn, given in self.inputs.items() if PARENT in given)
        mix = ", ".join(f"{count} {status}" for status, count in sorted(ends.items()))
        return f"{len(self.attempts)} tasks started executions, {waited} of them waited; their children: {mix}"
