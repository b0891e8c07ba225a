# Tasks that are reported from outside: workers of an activity, and a client that has tokens from a function. What they
# send is written down, and compared with the histories at the end.
import collections
import http.server
import json
import queue
import random
import threading
import time

from daemon import ACCOUNT, LOST, REGION, Client

ACTIVITY = f"arn:aws:states:{REGION}:{ACCOUNT}:activity:kill-work"
# Seconds without a sign of life before a worker's task is another one's.
HEARTBEAT = 2
# Names the attempt of the task.
INPUT = {"execution.$": "$$.Execution.Id", "attempt.$": "$$.State.RetryCount"}
RETRY = {"Retry": [{
    "ErrorEquals": ["Kill.Failed", "States.Timeout"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 99}]}


def one(**task):
    return {"StartAt": "Run", "States": {"Run": dict(Type="Task", End=True, **task, **RETRY)}}


DEFINITIONS = {
    "kill-activity": one(Resource=ACTIVITY, Parameters=INPUT, HeartbeatSeconds=HEARTBEAT),
    "kill-callback": one(
        Resource="arn:aws:states:::lambda:invoke.waitForTaskToken", TimeoutSeconds=3,
        Parameters={"FunctionName": "kill-callback", "Payload": {"token.$": "$$.Task.Token", **INPUT}}),
}
# How often a worker, or the client with the token, does what with a task.
WORK = {"succeed": 55, "beat": 15, "twice": 10, "fail": 8, "die": 6, "return": 6}
CALLBACK = {"succeed": 55, "twice": 25, "fail": 10, "never": 4, "late": 6}


class Sending:
    """A report, as one request. `answer` is acknowledged, refused, lost with the process, or unsent for want of one."""

    def __init__(self, number, kind, at):
        self.number, self.kind, self.at, self.answer = number, kind, at, None


class Ledger:
    """What was sent for each token, and the attempt that each token belongs to."""

    def __init__(self, target):
        self.target, self.lock = target, threading.Lock()
        self.sendings, self.attempts, self.deliveries = collections.defaultdict(list), {}, collections.Counter()
        self.number, self.strange = 0, []
        self.stopping = threading.Event()

    def received(self, token, given):
        with self.lock:
            self.deliveries[token] += 1
            key = (given["execution"], given["attempt"])
            if self.attempts.setdefault(token, key) != key:
                self.strange.append(f"a token of {self.attempts[token]} came with {key}")

    def send(self, client, kind, token):
        """Sends a report until it has an answer; each request has a number of its own. Returns whether the report was
        acknowledged."""
        while True:
            with self.lock:
                self.number += 1
                sending = Sending(self.number, kind, time.time())
                self.sendings[token].append(sending)
            text = json.dumps({"report": sending.number})
            parameters = {"SendTaskSuccess": {"output": text}, "SendTaskHeartbeat": {},
                          "SendTaskFailure": {"error": "Kill.Failed", "cause": text}}[kind]
            try:
                status, answer = client.call(kind, taskToken=token, **parameters)
            except ConnectionRefusedError:
                sending.answer = "unsent"
                time.sleep(0.03)
                continue
            except LOST:
                sending.answer = "lost"
                time.sleep(0.03)
                continue
            error = "" if status == 200 else str(answer.get("__type", answer)).split("#")[-1]
            if error not in ("", "TaskTimedOut", "TaskDoesNotExist"):
                self.strange.append(f"{kind}: {status} {answer}")
            sending.answer = "refused" if error else "acknowledged"
            return not error


class Worker(threading.Thread):
    """Takes tasks of the activity, and dies with some of them: what it is in then is another worker."""

    def __init__(self, ledger, seed):
        super().__init__(daemon=True)
        self.ledger, self.chance, self.lives = ledger, random.Random(seed), 0

    def run(self):
        while not self.ledger.stopping.is_set():
            # A short timeout is a worker that dies while it waits for a task.
            client = Client(self.ledger.target, self.chance.choice([0.05, 0.3, 3, 3, 3]))
            self.lives += 1
            try:
                while self.work(client):
                    pass
            except LOST:
                time.sleep(0.05)
            client.close()

    def work(self, client):
        """Returns whether the worker is alive afterwards."""
        status, task = client.call("GetActivityTask", activityArn=ACTIVITY, workerName=f"worker-{self.lives}")
        if status != 200:
            self.ledger.strange.append(f"GetActivityTask: {status} {task}")
        if not task.get("taskToken"):
            return not self.ledger.stopping.is_set()
        token = task["taskToken"]
        self.ledger.received(token, json.loads(task["input"]))
        client = Client(self.ledger.target)
        kind = self.chance.choices(list(WORK), WORK.values())[0]
        if kind == "die":
            return False
        if kind == "return":
            time.sleep(self.chance.uniform(0.5, 1.5) * HEARTBEAT)
        if kind == "beat":
            for _ in range(self.chance.randint(1, 4)):
                time.sleep(0.3 * HEARTBEAT)
                if not self.ledger.send(client, "SendTaskHeartbeat", token):
                    return True
        self.ledger.send(client, "SendTaskFailure" if kind == "fail" else "SendTaskSuccess", token)
        if kind == "twice":
            self.ledger.send(client, "SendTaskSuccess", token)
        client.close()
        return True


class Callbacks:
    """A function that hands its tokens to clients, which report some twice, some late and some never."""

    def __init__(self, ledger, seed, clients=3):
        self.ledger, self.chance = ledger, random.Random(seed)
        self.due, self.count, self.lock = queue.PriorityQueue(), 0, threading.Lock()
        self.server = self.serve()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(clients)]
        self.threads.append(threading.Thread(target=self.server.serve_forever, daemon=True))

    @property
    def endpoint(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def serve(self):
        callbacks = self

        class Function(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                callbacks.invoked(given)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                """The daemon was killed in the middle of a call."""

        return Server(("127.0.0.1", 0), Function)

    def invoked(self, given):
        self.ledger.received(given["token"], given)
        with self.lock:
            kind = self.chance.choices(list(CALLBACK), CALLBACK.values())[0]
            seconds = self.chance.choice([0, 0, 0.1, 1, 4 if kind == "late" else 0])
            if kind != "never":
                self.put(seconds, "SendTaskFailure" if kind == "fail" else "SendTaskSuccess", given["token"])
            if kind == "twice":
                self.put(seconds + self.chance.choice([0, 0, 0.5]), "SendTaskSuccess", given["token"])

    def put(self, seconds, kind, token):
        self.count += 1
        self.due.put((time.monotonic() + seconds, self.count, kind, token))

    def run(self):
        client = Client(self.ledger.target)
        while not self.ledger.stopping.is_set():
            try:
                due, number, kind, token = self.due.get(timeout=0.2)
            except queue.Empty:
                continue
            pause = due - time.monotonic()
            if pause > 0.05:
                # Others may be due before it.
                self.due.put((due, number, kind, token))
                time.sleep(0.02)
                continue
            time.sleep(max(0, pause))
            self.ledger.send(client, kind, token)


class Reports:
    """The activity's workers and the clients with tokens."""

    def __init__(self, target, seed, workers=8):
        self.ledger = Ledger(target)
        self.workers = [Worker(self.ledger, f"{seed}/worker {n}") for n in range(workers)]
        self.callbacks = Callbacks(self.ledger, f"{seed}/callbacks")
        self.threads = self.workers + self.callbacks.threads
        self.tasks, self.lock, self.counts = {}, threading.Lock(), collections.Counter()

    def start(self):
        client = Client(self.ledger.target)
        client.call("CreateActivity", name="kill-work")
        for thread in self.threads:
            thread.start()

    def finish(self):
        """What is being sent has its answer when this returns; the daemon must be up."""
        self.ledger.stopping.set()
        self.callbacks.server.shutdown()
        for thread in self.threads:
            thread.join(30)

    # ---- The verdict

    def add(self, arn, events):
        """An execution of one of the machines above."""
        followers = collections.defaultdict(list)
        for event in events:
            followers[event["previousEventId"]].append(event)
        attempts = []
        for event in events:
            if event["type"] in ("ActivityScheduled", "TaskScheduled"):
                chain = [event]
                while chain[-1]["type"] not in ENDS:
                    after = [e for e in followers[chain[-1]["id"]] if e["type"].startswith(("Activity", "Task"))]
                    if not after:
                        break
                    chain.append(after[0])
                attempts.append(chain)
        kinds = collections.Counter(event["type"] for event in events)
        with self.lock:
            self.counts += kinds
            for number, chain in enumerate(attempts):
                self.tasks[(arn, number)] = chain

    def check(self, verdict):
        ledger = self.ledger
        for text in ledger.strange:
            verdict.check("no report has an unexpected answer", False, text)
        tokens = {}
        for token, key in ledger.attempts.items():
            verdict.check("an attempt has one token", key not in tokens, key)
            verdict.check("a token is of an attempt in the history", key in self.tasks, key)
            tokens[key] = token
        for key, chain in self.tasks.items():
            self.attempt(verdict, key, chain, ledger.sendings.get(tokens.get(key), []))

    def attempt(self, verdict, key, chain, sendings):
        types = [event["type"] for event in chain]
        said = ", ".join(f"{s.number} {s.kind} {s.answer}" for s in sendings)
        seen = f"{key} {types}: {said}"
        verdict.check("an attempt is started once and ends once", len(set(types)) == len(types) and types[-1] in ENDS
                      and not set(types[:-1]) & ENDS, seen)
        reports = [s for s in sendings if s.kind != "SendTaskHeartbeat"]
        acknowledged = [s for s in reports if s.answer == "acknowledged"]
        verdict.check("one report of a token is acknowledged", len(acknowledged) <= 1, seen)
        end = chain[-1]
        if types[-1].endswith("TimedOut"):
            verdict.check("an acknowledged report takes effect", not acknowledged, seen)
            beats = [s.at for s in sendings if s.kind == "SendTaskHeartbeat" and s.answer == "acknowledged"]
            # Times of events have milliseconds.
            verdict.check("a heartbeat gives a worker its time", not beats or types[0] != "ActivityScheduled"
                          or end["timestamp"] >= max(beats) + HEARTBEAT - 0.002, seen)
            return
        details = next(value for name, value in end.items() if name.endswith("EventDetails"))
        text = details.get("output") or details.get("cause") or "{}"
        number = json.loads(text).get("report")
        effective = next((s for s in reports if s.number == number), None)
        kind = "SendTaskSuccess" if types[-1].endswith("Succeeded") else "SendTaskFailure"
        verdict.check("an end is a report's", effective is not None and effective.kind == kind
                      and effective.answer in ("acknowledged", "lost"), f"{seen}: {text}")
        verdict.check("the acknowledged report takes effect", acknowledged in ([], [effective]), f"{seen}: {text}")

    def report(self):
        answers = collections.Counter(s.answer for group in self.ledger.sendings.values() for s in group)
        again = sum(count > 1 for count in self.ledger.deliveries.values())
        timed_out = self.counts["ActivityTimedOut"] + self.counts["TaskTimedOut"]
        return (f"{len(self.tasks)} attempts of tasks were reported from outside: {answers['acknowledged']} reports "
                f"acknowledged, {answers['refused']} refused, {answers['lost']} lost; {again} tokens were delivered "
                f"again; {timed_out} attempts timed out")


ENDS = {f"{kind}{end}" for kind in ("Activity", "Task") for end in ("Succeeded", "Failed", "TimedOut")}
