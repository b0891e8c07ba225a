# What must hold when everything has settled: no execution lost, no event missing or doubled, nothing moved twice.
import collections
import concurrent.futures
import json
import os
import sqlite3
import threading

import reports
import trees
from daemon import Client, machine_arn

TERMINAL = {
    "SUCCEEDED": "ExecutionSucceeded", "FAILED": "ExecutionFailed", "ABORTED": "ExecutionAborted",
    "TIMED_OUT": "ExecutionTimedOut"}
PARALLEL = ["ParallelStateEntered", "ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateExited"]
ENDS = ["ExecutionStarted", "ExecutionSucceeded"]
# The events of an undisturbed run. A kill leaves no trace in a history.
EVENTS = {
    "kill-p10": collections.Counter(ENDS + ["PassStateEntered", "PassStateExited"] * 10),
    "kill-par3": collections.Counter(ENDS + PARALLEL + ["PassStateEntered", "PassStateExited"] * 5),
    "kill-wait": collections.Counter(
        ENDS + PARALLEL + ["PassStateEntered", "PassStateExited", "WaitStateEntered", "WaitStateExited"] * 2),
    "move-recipe": collections.Counter(
        ENDS + PARALLEL + ["TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted",
                           "LambdaFunctionSucceeded", "TaskStateExited"] * 4),
}  # fmt: skip


class Verdict:
    """Counts what holds and says what does not, the first few of each kind."""

    def __init__(self, daemon, load, forest, reports):
        self.daemon, self.load, self.forest, self.reports = daemon, load, forest, reports
        self.passed = self.failed = self.losses = self.events = self.retried_tasks = 0
        self.executions, self.moves = {}, {}
        # Seconds after the later of a timer's time and readiness.
        self.latest_timer = 0.0
        self.said = collections.Counter()
        self.lock = threading.Lock()

    def check(self, what, holds, detail=""):
        with self.lock:
            if holds:
                self.passed += 1
                return
            self.failed += 1
            self.said[what] += 1
            if self.said[what] <= 5:
                print(f"FAILED: {what} {detail}", flush=True)

    # ---- the API

    def histories(self, machines):
        client = Client(self.daemon)
        for machine in machines:
            found = list(client.pages(
                "ListExecutions", "executions", stateMachineArn=machine_arn(machine), maxResults=1000))
            self.check("ListExecutions has each once", len({e["executionArn"] for e in found}) == len(found), machine)
            self.executions.update((e["executionArn"], (machine, e["status"])) for e in found)
        accepted = collections.Counter(request.arn for request in self.load.accepted)
        for arn, count in accepted.items():
            self.check("one answer for each request", count == 1, arn)
        strays = [arn for arn, (machine, _) in self.executions.items() if arn not in accepted and machine not in trees.INNER]
        self.check("nothing runs that no client has asked for", not strays, strays[:5])
        for request in self.load.accepted:
            self.check("an execution has its name", request.arn == request.named_arn, request.arn)
            ended = self.executions.get(request.arn, (None, None))[1]
            self.losses += ended != request.status
            self.check("an accepted execution exists and ended as it is defined", ended == request.status,
                       f"{request.kind} {request.arn} {ended}")
        for refusal, count in self.load.refused.items():
            self.check("no request is refused", False, f"{count} times {refusal}")
        local = threading.local()

        def one(arn):
            if not hasattr(local, "client"):
                local.client = Client(self.daemon)
            self.history(arn, list(local.client.pages(
                "GetExecutionHistory", "events", executionArn=arn, maxResults=1000)))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for _ in pool.map(one, self.executions):
                pass
        self.forest.check(self)
        self.reports.check(self)

    def history(self, arn, events):
        machine, status = self.executions[arn]
        ids = [event["id"] for event in events]
        types = collections.Counter(event["type"] for event in events)
        self.check("the ids go from 1 without gaps", ids == list(range(1, len(ids) + 1)), f"{arn} {ids[:60]}")
        self.check("each event follows an earlier one", all(e["previousEventId"] < e["id"] for e in events), arn)
        ends = [event["type"] for event in events if event["type"] in TERMINAL.values()]
        self.check(
            "one terminal event, at the end", ends == [events[-1]["type"]] == [TERMINAL.get(status)],
            f"{arn} {status} {ends} {events[-1]['type']}")
        with self.lock:
            self.events += len(events)
        if machine in trees.DEFINITIONS:
            return self.forest.add(arn, status, events)
        if status not in TERMINAL:
            return
        if machine in reports.DEFINITIONS:
            return self.reports.add(arn, events)
        failures = types.pop("LambdaFunctionFailed", 0) + types.pop("LambdaFunctionTimedOut", 0)
        expected = EVENTS[machine].copy()
        for kind in ("LambdaFunctionScheduled", "LambdaFunctionStarted"):
            if failures:
                expected[kind] += failures
        self.check("the events are those of one run", types == expected, f"{arn} {dict(types)}")
        if machine == "kill-wait":
            self.timers(arn, events, {f"B{n}": 1 for n in (1, 2)})
        given = json.loads(events[0]["executionStartedEventDetails"]["input"])
        output = json.loads(events[-1].get("executionSucceededEventDetails", {}).get("output", "{}"))
        self.check("the output belongs to the input", given.items() <= output.items(), f"{arn} {given} {output}")
        with self.lock:
            self.retried_tasks += failures
            if machine == "move-recipe":
                self.moves[arn] = (given, output)

    def timers(self, arn, events, seconds):
        """No Wait state ends early, or later than a second after the later of its time and readiness."""
        entered = {e["stateEnteredEventDetails"]["name"]: e["timestamp"] for e in events if e["type"] == "WaitStateEntered"}
        for event in events:
            if event["type"] == "WaitStateExited":
                name = event["stateExitedEventDetails"]["name"]
                due, fired = entered[name] + seconds[name], event["timestamp"]
                late = fired - (self.daemon.latest(due) - 1)
                with self.lock:
                    self.latest_timer = max(self.latest_timer, late)
                # Times of events have milliseconds.
                self.check("no timer fires early", fired >= due - 0.002, f"{arn} {name} {due - fired:.3f} s")
                self.check("no timer is more than 1 s late", late <= 1, f"{arn} {name} {late:.3f} s")

    # ---- the files, when the daemon has gone

    def files(self):
        for name in sorted(os.listdir(self.daemon.state)):
            if name.endswith((".db", ".sqlite", ".sqlite3")):
                with self.open(name) as database:
                    answer = database.execute("PRAGMA integrity_check").fetchone()[0]
                self.check("SQLite finds the file whole", answer == "ok", f"{name}: {answer}")
        with self.open("newel.db") as database:
            for table in ("messages", "tasks"):
                rows = [tuple(row) for row in database.execute(f"SELECT * FROM {table}")]
                self.check(f"the store has no rows left in {table}", not rows, f"{len(rows)}: {rows[:3]}")
        with self.open("recipes.db") as database:
            self.rows(database)
            with self.open("search.db") as index:
                self.documents(database, index)

    def open(self, name):
        database = sqlite3.connect(os.path.join(self.daemon.state, name))
        database.row_factory = sqlite3.Row
        return database

    def rows(self, database):
        moved = {row["token"]: row for row in database.execute("SELECT * FROM recipe_moves")}
        self.check(
            "each move is in recipe_moves once, and nothing else is", set(moved) == set(self.moves),
            f"{len(set(self.moves) - set(moved))} missing, {len(set(moved) - set(self.moves))} too many")
        for arn, (given, output) in self.moves.items():
            row, said = moved.get(arn), output.get("move", {})
            self.check("the move did what was asked and said what it did", row is not None and (
                row["recipe_id"], row["to_user"], row["from_user"], row["recipe_version"]) == (
                int(given["id"]), int(given["user_id"]), said.get("previous_user_id"), said.get("version")), arn)
        self.versions(database, [row for row in moved.values() if row["moved"]])
        for row in database.execute(
                "SELECT id, recipe_count, (SELECT count(*) FROM recipes WHERE user_id = users.id) owned FROM users"):
            self.check("a user counts the recipes that are there", row["recipe_count"] == row["owned"], dict(row))
        counted, = database.execute("SELECT sum(recipe_count) FROM users").fetchone()
        recipes, = database.execute("SELECT count(*) FROM recipes").fetchone()
        self.check("the counts add up", counted == recipes, f"{counted} of {recipes}")
        owners, = database.execute("SELECT count(*) FROM recipes JOIN users ON users.id = recipes.user_id").fetchone()
        self.check("each recipe has one owner", owners == recipes, f"{owners} of {recipes}")
        waiting = [dict(row) for row in database.execute("SELECT * FROM outbox")]
        self.check("the outbox is empty", not waiting, waiting[:5])

    def versions(self, database, moved):
        """A move that was made twice would show: each raises three versions by one, and owner follows owner."""
        users = collections.Counter()
        for row in moved:
            users[row["from_user"]] += 1
            users[row["to_user"]] += 1
        for row in database.execute("SELECT id, version FROM users"):
            self.check("a user's version counts the moves", row["version"] == 1 + users[row["id"]], dict(row))
        for row in database.execute("SELECT id, user_id, version FROM recipes"):
            chain = sorted(
                (m for m in moved if m["recipe_id"] == row["id"]), key=lambda m: m["recipe_version"])
            self.check(
                "a recipe's versions are its moves", [m["recipe_version"] for m in chain] ==
                list(range(2, row["version"] + 1)), f"{dict(row)} {len(chain)} moves")
            self.check(
                "each move takes from the owner before", all(
                    a["to_user"] == b["from_user"] for a, b in zip(chain, chain[1:])), dict(row))
            self.check("the last move's user owns it", not chain or chain[-1]["to_user"] == row["user_id"], dict(row))

    def documents(self, database, index):
        for kind, table in (("recipe", "recipes"), ("user", "users")):
            stored = {row["doc_id"]: row for row in index.execute("SELECT * FROM docs WHERE kind = ?", (kind,))}
            rows = {row["id"]: row for row in database.execute(f"SELECT * FROM {table}")}
            self.check(f"each {kind} has a document", set(stored) == set(rows), sorted(set(rows) ^ set(stored)))
            for key in set(stored) & set(rows):
                row, source = rows[key], json.loads(stored[key]["source"])
                column = "user_id" if kind == "recipe" else "recipe_count"
                self.check(
                    f"a {kind}'s document is its row", (stored[key]["version"], source["version"], source[column]) ==
                    (row["version"], row["version"], row[column]), f"{dict(row)} {source}")
                if kind == "user":
                    owned = [r["id"] for r in database.execute(
                        "SELECT id FROM recipes WHERE user_id = ? ORDER BY id", (key,))]
                    self.check("a user's document lists the recipes", source["recipes"] == owned, f"{owned} {source}")

    def report(self, kills):
        load = self.load
        kinds = collections.Counter(request.kind for request in load.accepted)
        retried = sum(1 for request in load.accepted if request.lost_answers)
        mix = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        early = self.daemon.early_kills
        print(f"{kills} kills and {early} more at a start survived; {len(load.accepted)} executions accepted ({mix})")
        under_way = self.daemon.recovered
        print(f"{sum(under_way)} executions were under way at a kill, at most {max(under_way, default=0)} at once")
        print(
            f"{retried} were asked for again after a kill; {len(self.executions)} executions with {self.events} "
            f"events; {self.retried_tasks} attempts failed")
        print(self.forest.report())
        print(self.reports.report())
        print(f"Losses: {self.losses}; the latest timer {self.latest_timer * 1000:.0f} ms after its time or readiness")
