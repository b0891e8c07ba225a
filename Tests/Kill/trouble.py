# Poison and damaged executions of the kill test, and how late the timers of others were.
import json
import os
import random
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "Faults")]
import surgery  # noqa: E402
from trial import Client, DaemonError, FaultyDaemon, Shim, build_shim  # noqa: E402

from daemon import has_gateway, machine_arn, role_arn  # noqa: E402

MARKER = "a victim of the kill test "
MOST_LATE = 1.0
# Its evaluation ends the process: shim.c waits for a regular expression to meet this text.
POISON = {"text": "xDIE-HEREy"}
DEFINITIONS = {
    "kill-poison": {
        "QueryLanguage": "JSONata", "StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 1, "Next": "D"},
            "D": {"Type": "Pass", "Output": "{% $contains($states.input.text, /HERE/) %}", "End": True}}},
    "kill-victim": {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}}},
}


class Mortal(FaultyDaemon):
    """A daemon with the shim that knows when each of its lives was ready and when it ended, in seconds since 1970."""

    def __init__(self, binary):
        super().__init__(binary, gateway=has_gateway())
        library = build_shim(self.folder)
        self.shim = Shim(library, tempfile.mkdtemp(dir=self.folder))
        self.shim.death = 1
        self.lives = []

    def start(self, timeout=60):
        took = super().start(timeout)
        self.lives.append([time.time(), float("inf")])
        return took

    def kill(self):
        super().kill()
        self.end_of_life()

    def stop(self, timeout=15):
        began = time.time()
        code = super().stop(timeout)
        self.end_of_life(began)
        return code

    def end_of_life(self, moment=None):
        if self.lives:
            self.lives[-1][1] = min(self.lives[-1][1], moment or time.time())

    def latest(self, due):
        """When a timer that is due then must have fired at the latest: a second after the later of its time and the
        readiness of the first life that lasted long enough."""
        for ready, end in self.lives:
            begin = max(due, ready)
            if end >= begin + MOST_LATE:
                return begin + MOST_LATE
        return float("inf")


class Trouble:
    """Starts poison executions, damages rows between lives, and checks that both are quarantined and nothing else is."""

    def __init__(self, daemon, seed, poisons, victims, damaged, seconds):
        self.daemon, self.chance = daemon, random.Random(f"{seed}/trouble")
        self.poisons, self.to_poison = [], poisons
        self.victims, self.to_damage, self.count = {}, damaged, victims
        self.damaged, self.seconds = set(), seconds
        self.deaths = 0

    def prepare(self):
        """Starts what waits, and stops the daemon once so that the rows are in the database file and not in its log."""
        client = Client(self.daemon)
        for name, definition in DEFINITIONS.items():
            status, answer = client.call(
                "CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=role_arn("kill"))
            if status != 200:
                raise DaemonError(f"CreateStateMachine {name}: {status} {answer}")
        for number in range(self.count):
            seconds = self.chance.randint(15, max(30, int(self.seconds)))
            status, answer = client.call(
                "StartExecution", stateMachineArn=machine_arn("kill-victim"), name=f"victim-{number}",
                input=json.dumps({"seconds": seconds, "text": f"{MARKER}{number} "}))
            if status != 200:
                raise DaemonError(f"StartExecution: {status} {answer}")
            self.victims[answer["executionArn"]] = (number, time.time() + seconds)
        if self.count:
            self.daemon.stop()
            self.daemon.start()

    def poison(self):
        """Starts a poison execution; the process ends a second later."""
        for _ in range(self.chance.choice([1, 1, 2])):
            if len(self.poisons) < self.to_poison:
                name = f"poison-{len(self.poisons)}"
                try:
                    status, answer = Client(self.daemon).call(
                        "StartExecution", stateMachineArn=machine_arn("kill-poison"), name=name, input=json.dumps(POISON))
                except OSError:
                    return
                if status == 200:
                    self.poisons.append(answer["executionArn"])

    def died(self):
        """Whether the process that has ended was ended by a poison execution."""
        grown = self.daemon.shim.deaths > self.deaths
        self.deaths = self.daemon.shim.deaths
        self.daemon.end_of_life()
        return grown

    def damage(self, share):
        """Flips a bit of rows of waiting executions in the database file, the share of all that are to be damaged."""
        path = self.daemon.path("newel.db")
        newer = surgery.pages_in_log(path + "-wal")
        left = [(arn, number) for arn, (number, due) in self.victims.items()
                if arn not in self.damaged and due > time.time() + 5]
        self.chance.shuffle(left)
        while left and len(self.damaged) < min(self.to_damage, int(1.5 * share * self.to_damage) + 1):
            arn, number = left.pop()
            offsets = surgery.offsets_of(path, f"{MARKER}{number} ".encode())
            # A page that the log holds too would be written over at the next checkpoint, and the damage with it.
            if not offsets or any(offset // 4096 + 1 in newer for offset in offsets):
                continue
            for offset in offsets:
                surgery.flip(path, offset + self.chance.randrange(len(MARKER)), self.chance.randrange(8))
            self.damaged.add(arn)

    # ---- The verdict

    def settle(self):
        """Waits until every timer of a victim is due."""
        last = max((due for _, due in self.victims.values()), default=0)
        time.sleep(max(0, last + 2 * MOST_LATE - time.time()))

    def check(self, verdict):
        client = Client(self.daemon)
        verdict.check("a poison execution ends at most four lives", self.daemon.shim.deaths <= 4 * max(1, len(self.poisons)),
                      f"{self.daemon.shim.deaths} ends by {len(self.poisons)}")
        verdict.check("every poison execution was started", len(self.poisons) == self.to_poison, len(self.poisons))
        verdict.check("every damage was done", len(self.damaged) == self.to_damage, len(self.damaged))
        for arn, (number, due) in self.victims.items():
            if arn not in self.damaged:
                self.timer(verdict, client, arn)
        if not self.to_poison and not self.to_damage:
            return
        code, out, error = self.daemon.command(
            "execution", "quarantine", "list", "--store-url", "sqlite:" + self.daemon.state)
        listed = set(re.findall(r"arn:aws:states:[a-z0-9-]+:\d+:execution:[\w-]+:[\w-]+", out))
        verdict.check("quarantine list answers", code == 0, error.strip()[:200])
        for arn in self.poisons:
            verdict.check("a poison execution is quarantined", arn in listed, arn)
        for arn in self.damaged:
            verdict.check("a damaged execution is quarantined", arn in listed, arn)
        strays = listed - set(self.poisons) - self.damaged
        verdict.check("nothing else is quarantined", not strays, sorted(strays)[:3])

    def timer(self, verdict, client, arn):
        status, described = client.call("DescribeExecution", executionArn=arn)
        good = status == 200 and described["status"] == "SUCCEEDED"
        verdict.check("a waiting execution succeeds", good, f"{arn} {status} {described.get('status')}")
        if good:
            events = client.call("GetExecutionHistory", executionArn=arn)[1]["events"]
            verdict.timers(arn, events, {"W": json.loads(described["input"])["seconds"]})

    def report(self):
        print(f"{len(self.poisons)} poison executions ended {self.daemon.shim.deaths} lives; {len(self.damaged)} of "
              f"{len(self.victims)} waiting executions were damaged")
