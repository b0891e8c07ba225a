# Faults that come in over HTTP, through templates and accounts, and the recipe move's (A1 templates, B5, B7, C).
import collections
import http.server
import json
import os
import random
import re
import socket
import sqlite3
import threading
import time

from trial import (
    PASS, ROLE, Broken, Client, Prober, Supervisor, call_as, create, error_of, outcome, raw, row, start)

STRING_METHODS = [
    "charAt($a)", "codePointAt($a)", "substring($a)", "substring($a,$b)", "indexOf('a',$a)", "lastIndexOf('a',$a)",
    "indexOf($a)", "subSequence($a,$b)", "startsWith('a',$a)", "split('a',$a)", "repeat($a)", "replace('a','b')",
    "regionMatches($a,'a',$b,1)", "format('%d %s %x',$a,$b,$a)", "concat($s)", "compareTo($s)", "padStart($a)",
    "codePointBefore($a)", "codePointCount($a,$b)", "offsetByCodePoints($a,$b)", "matches($s)", "replaceAll('a',$s)"]
LIST_METHODS = ["get($a)", "subList($a,$b)", "remove($a)", "set($a,1)", "add($a,1)", "indexOf($a)", "contains($a)"]
NUMBER_METHODS = [
    "intValue()", "longValue()", "doubleValue()", "byteValue()", "shortValue()", "toString()", "compareTo($b)",
    "equals($b)", "hashCode()"]
ARITHMETIC = ["$a + $b", "$a - $b", "$a * $b", "$a / $b", "$a % $b", "-$a", "[$a..$b]", "$l[$a]", "$a < $b", "$a == $b"]
ENDS = [2**63 - 1, -(2**63), 2**31 - 1, -(2**31), -1, 0, 1, 2**63, 1e308, -5e-324, 0.5, "9223372036854775807", None, [], {}]


def mock_route(template):
    return {"post": {
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": {
            "type": "mock", "requestTemplates": {"application/json": template + '{"statusCode": 200}'},
            "responses": {"default": {"statusCode": "200"}}}}}


def document(paths, **more):
    return {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def with_routes(daemon, paths, **more):
    """Gives the daemon a gateway of these routes."""
    with open(os.path.join(daemon.config, "recipes.openapi.yaml"), "w", encoding="utf8") as file:
        json.dump(document(paths, **more), file)


@row("A1.templates", "every template method and operator with the ends of Int64 in the request's data",
     "an answer to each; same pid")
def template_methods(run):
    head = "#set($s = 'banana')#set($l = [1,2,3])#set($a = $input.path('$.a'))#set($b = $input.path('$.b'))"
    calls = [f"$s.{m}" for m in STRING_METHODS] + [f"$l.{m}" for m in LIST_METHODS] + [f"$a.{m}" for m in NUMBER_METHODS]
    texts = [f"{head}#set($r = {call})" for call in calls + ARITHMETIC]
    texts.append(head + "#foreach($i in [$a..$b])#if($foreach.index > 10)#break#end#end")
    texts.append(head + "$util.parseJson($input.json('$')).a $util.escapeJavaScript($input.json('$.a'))")
    daemon, admitted = None, []
    daemon = run.daemon(starts=False, gateway=True)
    # A template that the linter refuses is left out: it reaches no request.
    for number, text in enumerate(texts):
        admitted.append((f"/m{number}", text))
    with_routes(daemon, {path: mock_route(text) for path, text in admitted})
    code = daemon.run_to_end()
    while code == 78 and admitted:
        said = "\n".join(daemon.log)
        bad = set(re.findall(r"/m\d+(?=\b)", said))
        if not bad & {path for path, _ in admitted}:
            raise Broken(f"the routes are refused: {said[-300:]}")
        admitted = [(path, text) for path, text in admitted if path not in bad]
        with_routes(daemon, {path: mock_route(text) for path, text in admitted})
        code = daemon.run_to_end()
    daemon.start() if daemon.ended() is not None else None
    statuses, silent = collections.Counter(), []
    client = Client(daemon, 15)
    pairs = [(a, b) for a in ENDS for b in ENDS]
    chance = random.Random(4)
    if daemon.gateway is None:
        daemon.kill()
        daemon.start()
    for path, text in admitted:
        for a, b in chance.sample(pairs, 20) + [(2**63 - 1, 2**63 - 1), (-(2**63), -1), (-(2**63), 2**63 - 1)]:
            try:
                statuses[client.knock("POST", path, {"a": a, "b": b})[0]] += 1
            except Exception as error:
                silent.append(f"{text[-40:]} a={a} b={b}: {type(error).__name__}")
                if daemon.ended() is not None:
                    daemon.start()
                    client = Client(daemon, 15)
    run.check("most templates are admitted", len(admitted) > 30, f"{len(admitted)} templates, answers {dict(statuses)}")
    run.check("each request has an answer", not silent, f"{len(silent)} without: {silent[:3]}")
    run.alive(daemon)


# ---- HTTP (B19)


def api_request(daemon, operation, parameters, extra=b""):
    body = json.dumps(parameters).encode()
    return (b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions." + operation.encode() +
            b"\r\nContent-Type: application/x-amz-json-1.0\r\n" + extra + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


@row("B19.half-close", "a client that shuts its sending side after the request (nc -N), at the API, gateway and admin",
     "it gets its answer")
def half_close(run):
    daemon = run.daemon(gateway=True)
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    answer = raw(daemon.api, api_request(daemon, "StartExecution", {"stateMachineArn": machine}), shut=True)
    run.check("the API answers", answer.startswith(b"HTTP/1.1 200") and b"executionArn" in answer, answer[:40])
    body = b'{"user_id": 2}'
    answer = raw(daemon.gateway, b"POST /recipes/1/move HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n%s" % (len(body), body), shut=True)
    run.check("the gateway answers", answer.startswith(b"HTTP/1.1 202"), answer[:40])
    answer = raw(daemon.gateway, b"GET /recipes/1 HTTP/1.1\r\nHost: x\r\n\r\n", shut=True)
    run.check("a route without a body answers", answer.startswith(b"HTTP/1.1 200"), answer[:40])
    answer = raw(daemon.admin, b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", shut=True)
    run.check("the admin listener answers", answer.startswith(b"HTTP/1.1 200"), answer[:40])
    sync = create(client, "sync", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}, "EXPRESS")
    answer = raw(daemon.api, api_request(daemon, "StartSyncExecution", {"stateMachineArn": sync}), shut=True)
    run.check("a slow call answers", b"SUCCEEDED" in answer, answer[:40])
    run.alive(daemon)


@row("B19.transfer-encoding", "Transfer-Encoding: gzip, chunked; gzip; identity; x, chunked; chunked, gzip",
     "501 or 400 and no execution; plain chunked works")
def transfer_encoding(run):
    daemon = run.daemon(gateway=True)
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    body = json.dumps({"stateMachineArn": machine}).encode()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    head = (b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.StartExecution\r\n"
            b"Content-Type: application/x-amz-json-1.0\r\n")
    for coding in (b"gzip, chunked", b"gzip", b"deflate, chunked", b"x, chunked", b"chunked, gzip", b"chunked, chunked",
                   b"gzip\r\nTransfer-Encoding: chunked"):
        answer = raw(daemon.api, head + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + chunks, timeout=3)
        status = int(answer.split()[1]) if answer else 0
        good = status == 501 if coding in (b"gzip, chunked", b"deflate, chunked", b"x, chunked") else status in (400, 501)
        run.check(f"{coding!r} is refused", good, f"{coding.decode()!r} {status}")
    count = len(client.call("ListExecutions", stateMachineArn=machine)[1]["executions"])
    run.check("none was started", count == 0, f"{count} executions")
    answer = raw(daemon.api, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    run.check("plain chunked works", answer.startswith(b"HTTP/1.1 200"), answer[:40])
    answer = raw(daemon.gateway, b"POST /recipes/1/move HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks, timeout=3)
    run.check("the gateway refuses it too", answer[9:12] == b"501", answer[:40])
    run.alive(daemon)


@row("B19.same-key", "50 concurrent POST /recipes/1/move with one Idempotency-Key, and one more a second later",
     "one move; each of the 51 gets 202 with the same ARN")
def same_key(run):
    daemon = run.daemon(gateway=True)
    answers, lock = [], threading.Lock()

    def call():
        try:
            answer = Client(daemon).knock("POST", "/recipes/1/move", {"user_id": 2}, {"Idempotency-Key": "the-key"})
        except Exception as error:
            answer = (type(error).__name__, {})
        with lock:
            answers.append(answer)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    time.sleep(1)
    call()
    statuses = collections.Counter(status for status, _ in answers)
    arns = {body.get("executionArn") for _, body in answers if isinstance(body, dict)}
    run.check("each is accepted", statuses == {202: 51}, dict(statuses))
    run.check("with one ARN", len(arns - {None}) == 1 and None not in arns, f"{len(arns)} different")
    moved = sqlite3.connect(daemon.path("recipes.db")).execute("SELECT count(*) FROM recipe_moves").fetchone()[0]
    run.check("there is one move", moved == 1, f"{moved} moves")
    status, body = Client(daemon).knock("POST", "/recipes/2/move", {"user_id": 3}, {"Idempotency-Key": "the-key"})
    run.check("the key with another move is not accepted as this one", status != 202 or
              body.get("executionArn") not in arns, f"another move with the key: {status}")
    run.alive(daemon)


# ---- Redaction (B14)


@row("B14.redaction", "gateway.executionLog: info and requests with Authorization, Cookie and API keys",
     "none of the secrets is in the log; the other headers are")
def redaction(run):
    daemon = run.daemon("gateway.executionLog=info", starts=False, gateway=True)
    daemon.edit("recipes.openapi.yaml", '"input": "$util', '"traceHeader": "$input.params(\'X-Trace\')", "input": "$util')
    daemon.start()
    secrets = {
        "Authorization": "Bearer canary-1-token", "authorization": "Basic canary-2-basic", "Cookie": "session=canary-3-cookie",
        "X-Api-Key": "canary-4-key", "x-api-key": "canary-5-key", "Proxy-Authorization": "Basic canary-6-proxy",
        "X-Amz-Security-Token": "canary-7-session"}
    for name, value in secrets.items():
        request = (f"POST /recipes/1/move HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Plain: visible-header\r\n"
                   f"X-Trace: \r\n{name}: {value}\r\nContent-Length: 14\r\n\r\n" + '{"user_id": 2}').encode()
        answer = raw(daemon.gateway, request)
        if not answer:
            raise Broken("the gateway gave no answer")
    Client(daemon).knock("GET", "/moves/none", headers={"Authorization": "canary-8-get", "Cookie": "canary-9-get"})
    Client(daemon).call("ListStateMachines")
    time.sleep(0.5)
    text = "\n".join(daemon.lines)
    run.check("the requests are logged", "visible-header" in text, "")
    shown = sorted(set(re.findall(r"canary-\d-\w+", text)))
    run.check("no secret is in the log", not shown, f"shown: {shown}")
    run.alive(daemon)


# ---- Accounts (B13)

ONE, TWO = "111111111111", "000000000000"


def made_as(daemon, account, region, name, definition, **more):
    status, body = call_as(
        daemon, account, region, "CreateStateMachine", name=name, definition=json.dumps(definition),
        roleArn=f"arn:aws:iam::{account}:role/any", **more)
    if status != 200:
        raise Broken(f"CreateStateMachine as {account}: {status} {body}")
    return body["stateMachineArn"]


def outcome_as(daemon, account, region, arn, timeout=15):
    end = time.monotonic() + timeout
    while True:
        _, body = call_as(daemon, account, region, "DescribeExecution", executionArn=arn)
        if body.get("status") != "RUNNING" or time.monotonic() > end:
            return body
        time.sleep(0.05)


@row("B13.functions", "machines of another account, and of another region, that call update-recipe by ARN and name",
     "Lambda.ResourceNotFoundException; the recipe stays")
def account_functions(run):
    daemon = run.daemon(gateway=True)
    client = Client(daemon)
    before = client.knock("GET", "/recipes/1")[1]
    shapes = {
        "ARN of the configured account": ("arn:aws:lambda:us-east-1:000000000000:function:update-recipe", None),
        "ARN of its own account": (f"arn:aws:lambda:us-east-1:{ONE}:function:update-recipe", None),
        "ARN of a third account": ("arn:aws:lambda:us-east-1:999999999999:function:update-recipe", None),
        "ARN of another region": ("arn:aws:lambda:eu-west-1:000000000000:function:update-recipe", None),
        "its name": ("arn:aws:states:::lambda:invoke", "update-recipe"),
        "its ARN by invoke": ("arn:aws:states:::lambda:invoke",
                              "arn:aws:lambda:us-east-1:000000000000:function:update-recipe"),
        "a partial ARN": ("arn:aws:states:::lambda:invoke", f"{ONE}:function:update-recipe"),
    }
    move = {"id": 1, "user_id": 3, "token": "t"}
    wrong = []
    for account, region in ((ONE, "us-east-1"), (TWO, "eu-west-1")):
        for number, (title, (resource, name)) in enumerate(shapes.items()):
            parameters = {"FunctionName": name, "Payload": move} if name else move
            task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
            machine = made_as(daemon, account, region, f"f{number}", {"StartAt": "T", "States": {"T": task}})
            arn = call_as(daemon, account, region, "StartExecution", stateMachineArn=machine)[1]["executionArn"]
            described = outcome_as(daemon, account, region, arn)
            if error_of(described) != "Lambda.ResourceNotFoundException":
                wrong.append(f"{account} {region} {title}: {error_of(described)}")
    run.check("no call reaches the function", not wrong, f"{len(wrong)} of 14 otherwise: {wrong[:4]}")
    run.check("the recipe stays", client.knock("GET", "/recipes/1")[1] == before)
    status, body = client.knock("POST", "/recipes/1/move", {"user_id": 2})
    run.check("its own account still moves", status == 202 and outcome(client, body["executionArn"])["status"] == "SUCCEEDED")
    run.alive(daemon)


@row("B13.credentials", "Credentials.RoleArn of the configured account (a role that no file has) in another account's machine",
     "no execution is started there; the task fails")
def account_credentials(run):
    daemon = run.daemon()
    client = Client(daemon)
    target = create(client, "target", PASS)
    task = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": True,
            "Credentials": {"RoleArn": f"arn:aws:iam::{TWO}:role/nobody-has-it"},
            "Parameters": {"StateMachineArn": target, "Input": {}}}
    machine = made_as(daemon, ONE, "us-east-1", "thief", {"StartAt": "T", "States": {"T": task}})
    arn = call_as(daemon, ONE, "us-east-1", "StartExecution", stateMachineArn=machine)[1]["executionArn"]
    described = outcome_as(daemon, ONE, "us-east-1", arn)
    count = len(client.call("ListExecutions", stateMachineArn=target)[1]["executions"])
    run.check("nothing is started in the other account", count == 0, f"{count} executions there; {error_of(described)}")
    run.check("the task fails", described.get("status") == "FAILED")
    run.alive(daemon)


@row("B13.tokens", "SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat with a token of another account and region",
     "refused; the task still waits; its own account completes it")
def account_tokens(run):
    daemon = run.daemon()
    activity = call_as(daemon, ONE, "us-east-1", "CreateActivity", name="work")[1]["activityArn"]
    machine = made_as(daemon, ONE, "us-east-1", "m", {"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": activity, "End": True}}})
    arn = call_as(daemon, ONE, "us-east-1", "StartExecution", stateMachineArn=machine)[1]["executionArn"]
    token = call_as(daemon, ONE, "us-east-1", "GetActivityTask", activityArn=activity)[1]["taskToken"]
    statuses = []
    for account, region in ((TWO, "us-east-1"), ("222222222222", "us-east-1"), (ONE, "eu-west-1")):
        for operation, members in (("SendTaskHeartbeat", {}), ("SendTaskFailure", {"error": "E"}),
                                   ("SendTaskSuccess", {"output": "{}"})):
            status, body = call_as(daemon, account, region, operation, taskToken=token, **members)
            statuses.append((status, str(body.get("__type", "")).split("#")[-1]))
    run.check("each is refused", all(status == 400 for status, _ in statuses), sorted(set(statuses)))
    status, _ = call_as(daemon, ONE, "us-east-1", "SendTaskSuccess", taskToken=token, output='{"done": true}')
    described = outcome_as(daemon, ONE, "us-east-1", arn)
    run.check("its own account completes it", status == 200 and described["status"] == "SUCCEEDED", described["status"])
    run.alive(daemon)


@row("B13.log-groups", "log groups a/b, a-b, a_b of two accounts and regions, -rf, a NUL, 512 characters, ..",
     "a file for each; no line of one in another's; none begins with '-' or leaves the folder")
def account_log_groups(run):
    daemon = run.daemon("executionLog.folder=executions")
    groups = [(ONE, "us-east-1", "a/b"), (TWO, "us-east-1", "a-b"), (TWO, "us-east-1", "a/b"), (TWO, "eu-west-1", "a/b"),
              (ONE, "us-east-1", "a_b"), (TWO, "us-east-1", "a.b"), (TWO, "us-east-1", "A/b"), (TWO, "us-east-1", "-rf"),
              (TWO, "us-east-1", ".."), (TWO, "us-east-1", "../x"), (TWO, "us-east-1", "x" * 512),
              (TWO, "us-east-1", "x" * 511 + "y"), (TWO, "us-east-1", "a\0b"), (TWO, "us-east-1", "a%2Fb")]
    made = 0
    for number, (account, region, group) in enumerate(groups):
        status, body = call_as(
            daemon, account, region, "CreateStateMachine", name=f"m{number}", roleArn=f"arn:aws:iam::{account}:role/any",
            definition=json.dumps(PASS), loggingConfiguration={
                "level": "ALL", "includeExecutionData": True, "destinations": [{"cloudWatchLogsLogGroup": {
                    "logGroupArn": f"arn:aws:logs:{region}:{account}:log-group:{group}:*"}}]})
        if status == 200:
            made += 1
            call_as(daemon, account, region, "StartExecution", stateMachineArn=body["stateMachineArn"],
                    input=json.dumps({"canary": f"canary-{number}-"}))
    time.sleep(1.5)
    daemon.stop()
    folder, held, names = daemon.path("executions"), collections.defaultdict(set), []
    for base, _, files in os.walk(daemon.folder):
        for name in files:
            if base.startswith(folder):
                names.append(name)
                with open(os.path.join(base, name), encoding="utf8", errors="replace") as file:
                    for canary in re.findall(r"canary-(\d+)-", file.read()):
                        held[os.path.join(base, name)[len(folder):]].add(int(canary))
    mixed = [name for name, numbers in held.items() if len(numbers) > 1]
    run.check("groups are logged", len(held) >= 8, f"{made} machines accepted, {len(held)} files")
    run.check("each has a file of its own", not mixed, f"mixed: {[(m, held[m]) for m in mixed][:3]}")
    run.check("no name begins with a dash", not [name for name in names if name.startswith("-")], "")
    outside = [os.path.join(b, f) for b, _, fs in os.walk(daemon.folder) for f in fs if f.endswith(".log") and
               not b.startswith(folder)]
    run.check("none leaves the folder", not outside, outside[:2] if outside else "")


# ---- The recipe move (B16, B18)


class SearchServer:
    """A search server that answers, refuses or hangs."""

    def __init__(self, port=0):
        server, self.hanging, self.count = self, threading.Event(), 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                server.count += 1
                end = time.monotonic() + 60
                while server.hanging.is_set() and time.monotonic() < end:
                    time.sleep(0.05)
                body = json.dumps({"result": "updated", "_version": 1, "hits": {"total": {"value": 0}, "hits": []}}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler, bind_and_activate=False)
        self.server.allow_reuse_address = True
        self.server.daemon_threads = True
        self.server.server_bind()
        self.server.server_activate()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@row("B16.locked-recipes", "recipes.db held by BEGIN EXCLUSIVE of another process while 10 moves wait, GET /recipes/1 beside",
     "GET answered within 7 s; the moves succeed when the lock goes; the API is quick")
def locked_recipes(run):
    daemon = run.daemon(gateway=True)
    client = Client(daemon, 60)
    lone = create(client, "p1", PASS)
    holder = sqlite3.connect(daemon.path("recipes.db"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    moves = [client.knock("POST", f"/recipes/{n + 1}/move", {"user_id": 2})[1]["executionArn"] for n in range(10)]
    prober = Prober(daemon, lone, rate=5)
    began = time.monotonic()
    status = Client(daemon, 60).knock("GET", "/recipes/1")[0]
    took = time.monotonic() - began
    worst = prober.stop()
    holder.execute("ROLLBACK")
    run.check("GET is answered soon", took < 7, f"GET {status} after {took:.1f} s, P1 at most {worst:.2f} s")
    run.check("the API is quick beside it", worst < 1)
    ends = collections.Counter(error_of(outcome(client, arn, 60)) for arn in moves)
    run.check("the moves succeed after it", ends == {"SUCCEEDED": 10}, dict(ends))
    status = client.knock("GET", "/recipes/1")[0]
    run.check("GET is answered after it", status == 200)
    run.alive(daemon)


@row("B16.start-locked", "a start while recipes.db is held by BEGIN EXCLUSIVE", "ready; the Step Functions API serves")
def start_locked(run):
    daemon = run.daemon(gateway=True)
    machine = create(Client(daemon), "p1", PASS)
    daemon.stop()
    holder = sqlite3.connect(daemon.path("recipes.db"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    lives = Supervisor(daemon).until_ready(30, lives=2)
    client = Client(daemon)
    run.check("it is ready", lives == 1, f"life {lives}")
    described = outcome(client, start(client, machine))
    run.check("the API serves", described["status"] == "SUCCEEDED", described["status"])
    holder.execute("ROLLBACK")
    end, status = time.monotonic() + 12, 0
    while status != 200 and time.monotonic() < end:
        status = client.knock("GET", "/recipes/1")[0]
        time.sleep(0.3)
    run.check("the recipes are served after it", status == 200, status)
    status, body = client.knock("POST", "/recipes/1/move", {"user_id": 2})
    run.check("a move succeeds after it", status == 202 and outcome(client, body["executionArn"])["status"] == "SUCCEEDED")
    run.alive(daemon)


@row("A1.odd-status", "a Lambda endpoint that answers with the statuses 000, 001, 042, 099, 100 and 101",
     "the task fails; same pid; other executions run")
def odd_status(run):
    statuses, number = ["000", "001", "042", "099", "101", "100"], 0
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        nonlocal number
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.settimeout(3)
            status, number = statuses[number % len(statuses)], number + 1
            try:
                connection.recv(65536)
                connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode())
            except OSError:
                pass
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    daemon = run.daemon(f"functions.defaultEndpoint=http://127.0.0.1:{server.getsockname()[1]}")
    client = Client(daemon)
    machine = create(client, "odd", {"StartAt": "F", "States": {"F": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": True}}})
    ends = [outcome(client, start(client, machine), 10) for _ in range(2 * len(statuses))]
    run.check("each task fails", all(end["status"] == "FAILED" for end in ends), {error_of(end) for end in ends})
    lone = create(client, "p1", PASS)
    run.check("P1 runs", outcome(client, start(client, lone), 5)["status"] == "SUCCEEDED")
    server.close()
    run.alive(daemon)


@row("A4.execution-log", "a machine with logging of level ALL loops with 250 KB for 6 s, four times at once",
     "at most 512 MiB; P1 beside it within 1 s; events that the log drops are said and counted")
def execution_log(run):
    daemon = run.daemon()
    client = Client(daemon)
    loop = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice", "Choices": [
        {"Variable": "$.end", "IsPresent": True, "Next": "E"}], "Default": "A"}, "E": {"Type": "Succeed"}}}
    status, body = client.call(
        "CreateStateMachine", name="logged", definition=json.dumps(loop), roleArn=ROLE, loggingConfiguration={
            "level": "ALL", "includeExecutionData": True, "destinations": [{"cloudWatchLogsLogGroup": {
                "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"}}]})
    if status != 200:
        raise Broken(f"CreateStateMachine: {status} {body}")
    lone = create(client, "p1", PASS)
    arns = [start(client, body["stateMachineArn"], {"text": "x" * 250_000}) for _ in range(4)]
    prober, peak, end = Prober(daemon, lone, rate=5), 0, time.monotonic() + 6
    while time.monotonic() < end:
        peak = max(peak, daemon.memory())
        time.sleep(0.05)
    for arn in arns:
        client.call("StopExecution", executionArn=arn)
    worst = prober.stop()
    run.check("memory is bounded", peak < 512, f"{peak:.0f} MiB")
    run.check("P1 is answered soon", worst < run.slow(1), f"P1 at most {worst:.2f} s")
    dropped = daemon.metric("newel_log_lines_dropped_total") or 0
    run.check("what is dropped is said", dropped == 0 or daemon.words("events were dropped"), f"{dropped:.0f} dropped")
    run.alive(daemon)


@row("B16.hanging-search", "GET /recipes/1 beside a /search whose server hangs, 8 of them", "answered within 1 s")
def hanging_search(run):
    server = SearchServer()
    daemon = run.daemon(f"recipeMove.searchURL=http://127.0.0.1:{server.port}", gateway=True)
    client = Client(daemon)
    run.check("search answers before", client.knock("GET", "/search?q=soup")[0] == 200)
    server.hanging.set()
    for _ in range(8):
        threading.Thread(target=lambda: raw(
            daemon.gateway, b"GET /search?q=soup HTTP/1.1\r\nHost: x\r\n\r\n", timeout=20), daemon=True).start()
    time.sleep(0.5)
    began = time.monotonic()
    status = client.knock("GET", "/recipes/1")[0]
    took = time.monotonic() - began
    server.hanging.clear()
    run.check("the recipe is answered soon", status == 200 and took < 1, f"{status} after {took:.2f} s")
    run.alive(daemon)
    server.close()


def search_down(run, moves, seconds):
    port = free_port()
    daemon = run.daemon(f"recipeMove.searchURL=http://127.0.0.1:{port}", gateway=True)
    client = Client(daemon, 60)
    arns = []
    for number in range(moves):
        status, body = client.knock("POST", f"/recipes/{number % 12 + 1}/move", {"user_id": number % 5 + 1})
        if status == 202:
            arns.append(body["executionArn"])
    began = time.monotonic()
    lone = create(client, "p1", PASS)
    prober = Prober(daemon, lone, rate=5)
    time.sleep(seconds)
    worst = prober.stop()
    failed = sum(outcome(client, arn, 0)["status"] == "FAILED" for arn in arns)
    server = SearchServer(port)
    ends = collections.Counter()
    end = time.monotonic() + 2 * seconds + 70
    for arn in arns:
        ends[outcome(client, arn, max(0, end - time.monotonic()))["status"]] += 1
    run.check("all were accepted", len(arns) == moves)
    run.check("none fails while the server is down", failed == 0, f"{failed} of {moves} FAILED after {seconds} s")
    run.check("all succeed when it is back", ends == {"SUCCEEDED": moves},
              f"{dict(ends)} {time.monotonic() - began:.0f} s after the first; P1 at most {worst:.2f} s")
    run.check("the API is quick meanwhile", worst < 1)
    run.alive(daemon)
    server.close()


@row("B18.search-down", "150 moves, the search server refuses for 30 s", "none FAILED; all SUCCEEDED when it is back")
def search_down_30(run):
    search_down(run, 150, 30)


@row("B18.search-down-minute", "600 moves, the search server refuses for 75 s", "none FAILED; all SUCCEEDED", long=True)
def search_down_75(run):
    search_down(run, 600, 75)


# ---- C, what is not enforced is refused

SECURED = {
    "an authorizer": (lambda d: d["components"]["securitySchemes"].update(auth={
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/x"}}) or
                      d["paths"]["/a"]["get"].update(security=[{"auth": []}])),
    "a required API key": (lambda d: d["components"]["securitySchemes"].update(key={
        "type": "apiKey", "name": "x-api-key", "in": "header"}) or d["paths"]["/a"]["get"].update(security=[{"key": []}])),
    "AWS_IAM": (lambda d: d["components"]["securitySchemes"].update(sigv4={
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}) or
                d["paths"]["/a"]["get"].update(security=[{"sigv4": []}])),
    "x-amazon-apigateway-auth": lambda d: d["paths"]["/a"]["get"].update({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}),
    "a resource policy": lambda d: d.update({"x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}}),
    "security of an undefined scheme": lambda d: d["paths"]["/a"]["get"].update(security=[{"nobody": []}]),
    "OAuth2": (lambda d: d["components"]["securitySchemes"].update(oauth={"type": "oauth2", "flows": {}}) or
               d["paths"]["/a"]["get"].update(security=[{"oauth": ["read"]}])),
    "bearer": (lambda d: d["components"]["securitySchemes"].update(b={"type": "http", "scheme": "bearer"}) or
               d["paths"]["/a"]["get"].update(security=[{"b": []}])),
    "root-level security": (lambda d: d["components"]["securitySchemes"].update(key={
        "type": "apiKey", "name": "x-api-key", "in": "header"}) or d.update(security=[{"key": []}])),
    "an API key by extension": lambda d: d["paths"]["/a"]["get"].update({"x-amazon-apigateway-api-key-required": True}),
}
HARMLESS = {
    "documentation": lambda d: d.update({"x-amazon-apigateway-documentation": {"version": "1", "documentationParts": []}}),
    "the endpoint type": lambda d: d.update({"x-amazon-apigateway-endpoint-configuration": {"types": ["REGIONAL"]}}),
    "an empty security": lambda d: d["paths"]["/a"]["get"].update(security=[]),
}


def secured(change):
    found = document({"/a": {"get": {
        "responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {
            "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {"default": {"statusCode": "200"}}}}}}, components={"securitySchemes": {}})
    change(found)
    return found


@row("C.refused", "10 routes that ask who may call (authorizer, key, AWS_IAM, policy, security), and 3 harmless ones",
     "check ends with 1 and serve with 78, naming the place; the harmless ones serve")
def refused(run):
    wrong = []
    for title, change in {**SECURED, **HARMLESS}.items():
        daemon = run.daemon(starts=False, gateway=True)
        with open(os.path.join(daemon.config, "recipes.openapi.yaml"), "w", encoding="utf8") as file:
            json.dump(secured(change), file, indent=1)
        checked, out, error = daemon.command("check", "--config", os.path.join(daemon.config, "newel.yaml"))
        code = daemon.run_to_end()
        if code is None:
            daemon.kill()
        said = out + error + "\n".join(daemon.log)
        if title in SECURED and (checked == 0 or code != 78 or "recipes.openapi.yaml" not in said):
            wrong.append(f"{title}: check {checked}, serve {'serves' if code is None else code}")
        if title in HARMLESS and (checked != 0 or code is not None):
            wrong.append(f"{title}: check {checked}, serve {code}: {said[-150:]}")
    run.check("what is not enforced is refused", not wrong, f"{len(wrong)} of {len(SECURED) + len(HARMLESS)} otherwise: {wrong}")


@row("B9.execution-bytes", "four executions that carry 100 KB round a loop, for 8 s", "P1 beside them within 1 s; same pid",
     long=True)
def carried_bytes(run):
    daemon = run.daemon()
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    loop = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "E"}], "Default": "A"},
        "E": {"Type": "Succeed"}}}
    machine = create(client, "carry", loop)
    prober = Prober(daemon, lone)
    for _ in range(4):
        start(client, machine, {"x": "y" * 100_000})
    time.sleep(8)
    worst = prober.stop()
    run.check("P1 is answered soon", worst < 1, f"P1 at most {worst:.2f} s")
    run.alive(daemon)


