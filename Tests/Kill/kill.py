#!/usr/bin/env python3
# The kill test: the daemon under load is killed with SIGKILL at random moments and restarted; nothing may be lost.
# Poison executions, which end the process whenever they are advanced, and damaged rows are in the store meanwhile.
import argparse
import collections
import json
import os
import random
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "Smoke")]
import reports  # noqa: E402
import trees  # noqa: E402
from daemon import LOST, Client, DaemonError, find_newel, machine_arn, role_arn  # noqa: E402
from trouble import Mortal, Trouble  # noqa: E402
from verdict import Verdict  # noqa: E402

RECIPES, USERS = 12, 5


def passes(count):
    """`count` Pass states in a row."""
    states = {
        f"S{n}": {"Type": "Pass", "Result": n, "ResultPath": "$.last", "Next": f"S{n + 1}"} for n in range(1, count + 1)
    }
    del states[f"S{count}"]["Next"]
    states[f"S{count}"]["End"] = True
    return {"StartAt": "S1", "States": states}


def parallel(count, state):
    """A Pass, a Parallel of `count` branches of one state each, a Pass."""
    branches = [{"StartAt": f"B{n}", "States": {f"B{n}": dict(state, End=True)}} for n in range(1, count + 1)]
    return {
        "StartAt": "Before",
        "States": {
            "Before": {"Type": "Pass", "Result": "moved", "ResultPath": "$.state", "Next": "Index"},
            "Index": {"Type": "Parallel", "ResultPath": "$.index", "Branches": branches, "Next": "After"},
            "After": {"Type": "Pass", "Result": True, "ResultPath": "$.done", "End": True},
        },
    }


DEFINITIONS = {
    "kill-p10": passes(10),
    "kill-par3": parallel(3, {"Type": "Pass", "Result": "x", "ResultPath": "$.branch"}),
    # Timers must survive too.
    "kill-wait": parallel(2, {"Type": "Wait", "Seconds": 1}),
    **trees.DEFINITIONS,
    **reports.DEFINITIONS,
}
# How often each is started. A move through the gateway is named by its Idempotency-Key.
MIX = {
    "gateway-move": 15, "named-move": 15, "kill-p10": 22, "kill-par3": 22, "kill-wait": 6, "kill-activity": 5,
    "kill-callback": 5, **{kind: tree.weight for kind, tree in trees.TREES.items()}}
MOVES = ["gateway-move", "named-move"]
BURST = 30
# The share of kills that are followed by one before readiness.
EARLY = 0.2


class Request:
    """One execution that a client wants."""

    def __init__(self, kind, name, machine, body, status="SUCCEEDED"):
        self.kind, self.name, self.machine, self.body, self.status = kind, name, machine, body, status
        self.arn = None
        self.lost_answers = 0

    @property
    def named_arn(self):
        return f"{machine_arn(self.machine).replace(':stateMachine:', ':execution:')}:{self.name}"


class Load:
    """Clients that start executions until they are told to stop, and ask again when the daemon dies under them."""

    def __init__(self, daemon, seed, clients, rate):
        self.daemon, self.seed, self.clients, self.rate = daemon, seed, clients, rate
        self.accepted, self.refused, self.stopper = [], collections.Counter(), trees.Stopper(daemon)
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(clients)]

    def start(self):
        for thread in [self.stopper, *self.threads]:
            thread.start()

    def finish(self):
        """Every request that was begun has its answer when this returns; the daemon must be up."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)
        if any(thread.is_alive() for thread in self.threads):
            raise DaemonError("A client still waits for its answer after 120 s")
        self.stopper.finish()

    def run(self, number):
        chance = random.Random(f"{self.seed}/{number}")
        client, count, due, burst = Client(self.daemon), 0, time.monotonic(), 0
        while not self.stopping.is_set():
            # Moves in a row keep tasks under way, so that a kill meets some.
            burst = BURST if not burst and chance.random() < 0.01 else max(0, burst - 1)
            kind = chance.choice(MOVES) if burst else chance.choices(list(MIX), MIX.values())[0]
            request = self.request(chance, kind, f"{number}-{count}")
            self.carry(client, request)
            if request.arn and kind in trees.TREES and trees.TREES[kind].stops:
                self.stopper.stop(request.arn, chance.choice([0, chance.uniform(0, 0.1), chance.uniform(0, 2)]))
            count += 1
            due += self.clients / self.rate
            pause = due - time.monotonic()
            # What a restart held up is not made up for.
            due = max(due, time.monotonic() - 1)
            if pause > 0 and not burst:
                time.sleep(pause)

    def request(self, chance, kind, name):
        if kind in trees.TREES:
            tree = trees.TREES[kind]
            return Request(kind, name, tree.machine, tree.body, tree.status)
        if kind not in MOVES:
            return Request(kind, name, kind, {"name": name})
        body = {"id": chance.randint(1, RECIPES), "user_id": chance.randint(1, USERS)}
        if kind == "gateway-move" and self.daemon.gateway is None:
            kind = "named-move"
        return Request(kind, name, "move-recipe", body)

    def carry(self, client, request):
        """Asks until there is an answer."""
        while True:
            try:
                status, answer = self.send(client, request)
            except LOST:
                request.lost_answers += 1
                time.sleep(0.02)
                continue
            kind = str(answer.get("__type", "")) if isinstance(answer, dict) else ""
            if status // 100 == 2 and answer.get("executionArn"):
                request.arn = answer["executionArn"]
                self.accepted.append(request)
            elif kind.endswith("ExecutionAlreadyExists") and request.lost_answers:
                # Its first answer was lost, and it has ended since: AWS is idempotent only while it runs.
                request.arn = request.named_arn
                self.accepted.append(request)
            else:
                self.refused[f"{request.kind}: {status} {str(answer)[:200]}"] += 1
            return

    def send(self, client, request):
        if request.kind == "gateway-move":
            return client.knock(
                "POST", f"/recipes/{request.body['id']}/move", {"user_id": request.body["user_id"]},
                {"Idempotency-Key": request.name})
        return client.call(
            "StartExecution", stateMachineArn=machine_arn(request.machine), name=request.name,
            input=json.dumps(request.body))


def wait_until_settled(daemon, machines, seconds):
    client, end = Client(daemon), time.monotonic() + seconds
    while True:
        running = sum(
            len(client.call("ListExecutions", stateMachineArn=machine_arn(m), statusFilter="RUNNING")[1]["executions"])
            for m in machines)
        if not running or time.monotonic() > end:
            return
        time.sleep(0.2)


def lives_until(daemon, trouble, seconds):
    """Waits so long, or until a poison execution has ended the process; returns whether it still runs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if daemon.ended() is not None:
            if trouble.died():
                return False
            raise DaemonError(f"The daemon ended by itself with code {daemon.ended()}:\n" + "\n".join(daemon.log))
        time.sleep(min(0.02, max(0, end - time.monotonic())))
    return True


def restart(daemon, trouble):
    """Starts as a supervisor does, again where a poison execution ends a start; returns the seconds to readiness."""
    while True:
        try:
            return daemon.start()
        except DaemonError:
            if not trouble.died():
                raise


def kill_and_restart(daemon, load, trouble, options):
    """Returns the seconds from each SIGKILL's restart to readiness."""
    chance, restarts, said, number = random.Random(f"{options.seed}/kills"), [], time.monotonic(), 0
    poison_at = {int(options.kills * (n + 0.5) / max(1, options.poison)) for n in range(options.poison)}
    while number < options.kills:
        if len(trouble.poisons) < sum(n <= number for n in poison_at):
            trouble.poison()
        if lives_until(daemon, trouble, chance.uniform(options.shortest, options.longest)):
            daemon.kill()
            number += 1
        trouble.damage(number / options.kills)
        # A recovery is cut short too, now and then.
        if chance.random() < EARLY:
            try:
                daemon.start_and_kill(chance.uniform(0, 0.3))
            except DaemonError:
                if not trouble.died():
                    raise
        restarts.append(restart(daemon, trouble))
        if time.monotonic() - said > 30:
            said = time.monotonic()
            took = f"{restarts[-1] * 1000:.0f} ms"
            print(f"  {number} kills, {len(load.accepted)} accepted, last restart {took}", flush=True)
    return restarts


def arguments():
    parser = argparse.ArgumentParser(
        description="Kills newel serve under load, restarts it, and looks for what was lost or done twice.",
        epilog="Last line: N passed, N failed.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--newel", help="the binary; default: $NEWEL or the newest build of this checkout")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--rate", type=float, default=300, help="executions a second that all clients ask for together")
    parser.add_argument("--shortest", type=float, default=0.1, help="seconds between readiness and SIGKILL, at least")
    parser.add_argument("--longest", type=float, default=2.0, help="and at most")
    parser.add_argument("--settle", type=float, default=180, help="seconds to wait for everything to end")
    parser.add_argument("--keep", action="store_true", help="keep the state folder")
    parser.add_argument("--poison", type=int, help="executions that end the process; default: one for each 10 kills")
    parser.add_argument("--waiting", type=int, default=100, help="executions that wait, some of which are damaged")
    parser.add_argument("--damaged", type=int, help="how many of them are damaged between lives; default: up to 20")
    options = parser.parse_args()
    if options.poison is None:
        options.poison = -(-options.kills // 10)
    if options.damaged is None:
        options.damaged = min(20, options.kills // 2)
    return options


def main():
    options = arguments()
    print(f"Kill test: {options.kills} kills, seed {options.seed}", flush=True)
    with Mortal(find_newel(options.newel)) as daemon:
        reporters = reports.Reports(daemon, options.seed)
        daemon.settings.append(f"functions.defaultEndpoint={reporters.callbacks.endpoint}")
        for seconds in (0.02, 0.08, 0.15, 0.3):
            daemon.start_and_kill(seconds)
        daemon.start()
        average = (options.shortest + options.longest) / 2 + 0.3
        trouble = Trouble(
            daemon, options.seed, options.poison, options.waiting, options.damaged, 0.8 * average * options.kills)
        trouble.prepare()
        if daemon.gateway is None:
            print("NOT RUN: the gateway is not in this build; all moves are started through the API")
        client = Client(daemon)
        for name, definition in DEFINITIONS.items():
            status, answer = client.call(
                "CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=role_arn("kill"))
            if status != 200:
                raise DaemonError(f"CreateStateMachine {name}: {status} {answer}")
        machines = ["move-recipe", *DEFINITIONS]
        load = Load(daemon, options.seed, options.clients, options.rate)
        reporters.start()
        load.start()
        restarts = kill_and_restart(daemon, load, trouble, options)
        # The last poison executions have their ends.
        while not lives_until(daemon, trouble, 3):
            restart(daemon, trouble)
        load.finish()
        trouble.settle()
        began = time.monotonic()
        wait_until_settled(daemon, machines, options.settle)
        reporters.finish()
        print(f"Settled after {time.monotonic() - began:.1f} s; checking", flush=True)
        verdict = Verdict(daemon, load, trees.Forest(), reporters)
        verdict.histories(machines)
        trouble.check(verdict)
        refused = daemon.words('"A commit was refused"')
        verdict.check("the store refuses no commit", not refused, refused[:3])
        verdict.check("SIGTERM ends the daemon well", daemon.stop() == 0)
        verdict.files()
        daemon.keeps_folder = options.keep or verdict.failed > 0
    verdict.report(options.kills)
    trouble.report()
    milliseconds = sorted(restart * 1000 for restart in restarts)
    if milliseconds:
        print(f"Restart to ready: median {statistics.median(milliseconds):.0f} ms, max {milliseconds[-1]:.0f} ms")
    print(f"{verdict.passed} passed, {verdict.failed} failed")
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
