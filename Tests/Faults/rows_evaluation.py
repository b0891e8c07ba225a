# Faults that come in as data, expressions and definitions: memory, time, floods (A4, A5, A6).
import concurrent.futures
import json
import resource
import selectors
import signal
import socket
import threading
import time

from trial import (
    PASS, Broken, Client, Prober, Supervisor, Waits, after_wait, create, error_of, expression_state, jsonata, outcome,
    row, start, test_state)

P1_SECONDS, END_SECONDS = 1.0, 6.0


# ---- A4, memory

MEMORY_BOMBS = {
    "object shared by reduce": "$reduce([1..40], function($a,$b){{'a':$a,'b':$a}}, {})",
    "array shared by reduce": "$reduce([1..40], function($a,$b){[[$a],[$a]]}, [1])",
    "text of a shared value": "$string($reduce([1..30], function($a,$b){{'a':$a,'b':$a}}, {}))",
    "append of itself": "$reduce([1..60], function($a,$b){$append($a,$a)}, [1])",
    "join of itself": "$reduce([1..60], function($a,$b){$a & $a}, 'x')",
    "padding": "$map([1..4000], function($i){$pad('', 250000, 'x')})",
    "merge": "$map([1..300000], function($i){$merge([$states.input, {'i':$i}])})",
    "spread": "$reduce([1..60], function($a,$b){$spread($merge([{'a':$a},{'b':$a}]))}, {})",
    "distinct of a shared value": "$distinct([$reduce([1..32], function($a,$b){{'a':$a,'b':$a}}, {}), 1])",
    "comparison of shared values": "($x := $reduce([1..40], function($a,$b){{'a':$a,'b':$a}}, {});"
                                   "$y := $reduce([1..40], function($a,$b){{'a':$a,'b':$a}}, {}); $x = $y)",
    "split": "$map([1..2000], function($i){$split($pad('', 100000, 'a,'), ',')})",
    "replace": "$replace($pad('', 100000, 'a'), 'a', $pad('', 100000, 'b'))",
    "base64": "$reduce([1..80], function($a,$b){$base64encode($a & $a)}, 'x')",
    "range of ranges": "[1..3000].([1..3000])",
    "zip": "$reduce([1..40], function($a,$b){$zip($a, $a)}, [1,2])",
}


def path_bombs():
    """(title, definition, input): JSONPath states whose values grow without a bound."""
    yield "Parameters doubling", {"StartAt": "D", "States": {
        "D": {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "E"}], "Default": "D"},
        "E": {"Type": "Succeed"}}}, {"x": "y"}
    wide = {f"p{n}.$": "$.a" for n in range(9000)}
    yield "9,000 copies of 200 KB", {"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Parameters": wide, "End": True}}}, {"a": ["z"] * 50_000}
    split = {f"p{n}.$": "States.StringSplit($.a,',')" for n in range(5000)}
    yield "5,000 splits of 200 KB", {"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Parameters": split, "End": True}}}, {"a": "x," * 100_000}
    array = "States.Array(" * 6 + ",".join(["$"] * 400) + ")" * 6
    yield "arrays of the input", {"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Parameters": {"r.$": array}, "End": True}}}, {"a": "x" * 200_000}
    form = "States.Format('" + "{}" * 400 + "'," + ",".join(["$.a"] * 400) + ")"
    yield "Format of 80 MB", {"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Parameters": {"r.$": form}, "End": True}}}, {"a": "x" * 200_000}
    scan = {f"p{n}.$": "$..*" for n in range(2000)}
    yield "2,000 deep scans kept", {"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Parameters": scan, "End": True}}}, {"a": [[0]] * 30_000}
    yield "variables", {"StartAt": "P", "States": {"P": {
        "Type": "Pass", "Assign": {f"v{n}.$": "$" for n in range(2000)}, "End": True}}}, {"a": "x" * 200_000}
    item = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    yield "ItemSelector with the whole input", {"StartAt": "M", "States": {"M": {
        "Type": "Map", "ItemsPath": "$.a", "ItemSelector": {"all.$": "$"}, "ItemProcessor": item, "End": True}}}, {
            "a": [0] * 50_000}


def bounded(run, daemon, title, work, most=128):
    """The work adds at most so many MiB at its peak."""
    before = daemon.forget_peak()
    began = time.monotonic()
    result = work()
    if daemon.ended() is not None:
        raise Broken(f"{title}: the daemon ended with {daemon.ended()}: {daemon.said()}")
    grown, took = daemon.memory("VmHWM") - before, time.monotonic() - began
    run.check(f"{title} stays within {most} MiB", grown <= most, f"{title}: {result}, {grown:.0f} MiB, {took:.1f} s")
    return result


@row("A4.shared-values", "15 JSONata expressions whose value grows by sharing its parts, by TestState",
     "each ends within its budget with an error or a value, at most 128 MiB over idle; same pid")
def shared_values(run):
    daemon = run.daemon()
    for title, text in run.some(MEMORY_BOMBS.items()):
        def work(text=text):
            status, body = test_state(Client(daemon, run.slow(8)), expression_state(text))
            return body.get("error") or body.get("status") or status
        try:
            result = bounded(run, daemon, title, work)
        except (OSError, ValueError) as error:
            raise Broken(f"{title}: no answer in time ({type(error).__name__}), {daemon.memory():.0f} MiB") from error
        run.check(f"{title} ends as it should", result in ("States.QueryEvaluationError", "SUCCEEDED",
                                                             "States.DataLimitExceeded"), "")
    run.alive(daemon)


@row("A4.shared-values-restart", "the B2 expression after a Wait in 10 executions; SIGKILL before and after",
     "States.QueryEvaluationError for each, at most 256 MiB over idle, one start is enough")
def shared_values_restart(run):
    daemon = run.daemon()
    client = Client(daemon)
    machine = create(client, "memory", after_wait(jsonata(MEMORY_BOMBS["object shared by reduce"])))
    arns = [start(client, machine) for _ in range(10)]
    daemon.kill()
    supervisor = Supervisor(daemon)
    run.check("one life is enough", supervisor.until_ready(40, lives=3) == 1, f"codes {supervisor.codes}")
    ends = bounded(run, daemon, "ten at once", lambda: {
        error_of(outcome(Client(daemon), arn, run.slow(15))) for arn in arns}, most=256)
    run.check("each fails with the error of an evaluation", ends == {"States.QueryEvaluationError"})
    run.alive(daemon)


@row("A4.paths", "JSONPath states whose values double, are copied 9,000 times or scanned deeply",
     "each ends with an error, at most 160 MiB over idle; same pid")
def path_memory(run):
    daemon = run.daemon()
    client = Client(daemon)
    for number, (title, definition, value) in enumerate(run.some(path_bombs())):
        arn = start(client, create(client, f"m{number}", definition), value)
        result = bounded(
            run, daemon, title, lambda arn=arn: error_of(outcome(Client(daemon), arn, run.slow(10))), most=160)
        run.check(f"{title} ends", result in ("States.DataLimitExceeded", "States.Runtime", "States.ParameterPathFailure",
                                               "States.IntrinsicFailure", "SUCCEEDED"), "" )
    run.alive(daemon)


@row("A4.at-once", "32 callers of TestState with expressions of some 50 MiB each",
     "answers or ThrottlingException; at most 400 MiB over idle; same pid")
def at_once(run):
    daemon = run.daemon()
    text = "$map([1..200], function($i){$pad('', 200000, 'x')}) ~> $count"
    results = {}

    def call(_):
        try:
            status, body = test_state(Client(daemon, run.slow(30)), expression_state(text))
            return body.get("error") or body.get("status") or body.get("__type", status)
        except (OSError, ValueError) as error:
            return type(error).__name__

    def all_of_them():
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            for result in pool.map(call, run.some(range(32))):
                results[result] = results.get(result, 0) + 1
        return results

    bounded(run, daemon, "at once", all_of_them, most=400)
    known = {"SUCCEEDED", "States.QueryEvaluationError", "ThrottlingException"}
    run.check("each has an answer", all(str(key).split("#")[-1] in known for key in results))
    run.alive(daemon)


@row("B12.map-outputs", "Map of 4,000 iterations with 250 KB of output each",
     "States.DataLimitExceeded; RSS below 512 MiB; same pid", alone=False)
def map_outputs(run):
    daemon = run.daemon()
    client = Client(daemon)
    inner = {"StartAt": "I", "States": {"I": {
        "Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $pad('',250000,'x') %}", "End": True}}}
    definition = {"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {
        "Type": "Map", "Items": "{% [1..4000] %}", "ItemProcessor": inner, "Output": 1, "End": True}}}
    arn = start(client, create(client, "map", definition))
    peak, end = 0, time.monotonic() + run.slow(40)
    described = outcome(client, arn, 0)
    while described["status"] == "RUNNING" and time.monotonic() < end and peak < 700:
        described = outcome(client, arn, 0.5)
        peak = max(peak, daemon.memory())
    run.check("it fails by the bound", error_of(described) == "States.DataLimitExceeded", error_of(described))
    run.check("memory is bounded", peak < 512, f"peak {peak:.0f} MiB")
    run.alive(daemon)


# ---- A5, time


def choice(test, count):
    rules = [{**test, "Next": "E"} for _ in range(count)]
    return {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": rules, "Default": "E"}, "E": {"Type": "Succeed"}}}


def parameters(call, count):
    return {"StartAt": "P", "States": {"P": {
        "Type": "Pass", "Parameters": {f"p{n}.$": call for n in range(count)}, "End": True}}}


def time_bombs():
    """name: (title, definition, input as text)"""
    yield "filter-pattern", "InputPath with =~ /(a+)+$/ over 11,000 texts", {"StartAt": "P", "States": {
        "P": {"Type": "Pass", "InputPath": "$.a[?(@ =~ /(a+)+$/)]", "End": True}}}, {"a": ["a" * 17 + "!"] * 11_000}
    yield "long-number", "Choice of 8,000 NumericEquals on a number of 250,000 digits", choice(
        {"Variable": "$.n", "NumericEquals": 1}, 8000), '{"n":' + "1" * 250_000 + "}"
    yield "split", "9,000 States.StringSplit of 250 KB", parameters("States.StringSplit($.a,',')", 9000), {
        "a": "x," * 125_000}
    yield "deep-scan", "9,000 Parameters $..zz over 60,000 nodes", parameters("$..zz", 9000), {"a": [0] * 60_000}
    yield "string-matches", "Choice of 9,000 StringMatches *ab* on 250 KB", choice(
        {"Variable": "$.a", "StringMatches": "*ab*"}, 9000), {"a": "a" * 250_000}
    yield "equals-path", "Choice of 9,000 StringEqualsPath of texts of 125 KB", choice(
        {"Variable": "$.a", "StringEqualsPath": "$.b"}, 9000), {"a": "a" * 125_000 + "b", "b": "a" * 125_000 + "c"}
    yield "hash", "9,000 States.Hash of 9 KB", parameters("States.Hash($.a,'SHA-512')", 9000), {"a": "x" * 9000}
    yield "json-text", "9,000 States.StringToJson of 250 KB", parameters("States.StringToJson($.a)", 9000), {
        "a": "[" + "0," * 120_000 + "0]"}
    yield "unique", "9,000 States.ArrayUnique of 60,000 numbers", parameters("States.ArrayUnique($.a)", 9000), {
        "a": list(range(40_000))}
    yield "contains", "9,000 States.ArrayContains in 60,000 numbers", parameters("States.ArrayContains($.a, 5)", 9000), {
        "a": [0] * 60_000}
    yield "wildcards", "Choice of 3,000 StringMatches with 30 wildcards", choice(
        {"Variable": "$.a", "StringMatches": "*a" * 30 + "b"}, 3000), {"a": "a" * 100_000}
    yield "timestamps", "Choice of 9,000 TimestampEquals on 250 KB", choice(
        {"Variable": "$.a", "TimestampEquals": "2020-01-01T00:00:00Z"}, 9000), {"a": "2" * 250_000}
    yield "not-and", "Choice of 4,000 And of Not of StringLessThan", choice({"And": [
        {"Not": {"Variable": "$.a", "StringLessThan": "b"}}, {"Variable": "$.a", "StringLessThanPath": "$.b"}]}, 4000), {
            "a": "c" * 120_000, "b": "c" * 120_001}
    yield "item-selector", "Map of 4,000 items with ItemSelector $..zz over 20,000 nodes", {"StartAt": "M", "States": {
        "M": {"Type": "Map", "ItemsPath": "$.i", "ItemSelector": {"z.$": "$..zz"}, "End": True, "ItemProcessor": {
            "StartAt": "I", "States": {"I": {"Type": "Pass", "Result": 1, "End": True}}}}}}, {
                "i": [0] * 4_000, "a": [0] * 16_000}


def accepted_end(described):
    return error_of(described) in ("SUCCEEDED", "States.Runtime", "States.DataLimitExceeded", "States.IntrinsicFailure",
                                   "States.ParameterPathFailure", "States.QueryEvaluationError")


def beside(run, definition, value, restart):
    """Runs the execution and starts P1 beside it; afterwards a restart meets it if asked for."""
    daemon = run.daemon()
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    machine = create(client, "bomb", after_wait(definition) if restart else definition)
    prober = Prober(daemon, lone)
    arn = start(client, machine, value)
    time.sleep(1.2 if restart else 0.2)
    described = outcome(Client(daemon), arn, run.slow(END_SECONDS))
    worst = prober.stop()
    run.check("P1 beside it is answered soon", worst < run.soon(P1_SECONDS) and not prober.refused,
              f"P1 at most {worst:.2f} s, {len(prober.refused)} refused; {error_of(described)}")
    run.check("it ends by its budget or well", accepted_end(described))
    run.alive(daemon)
    if not restart or daemon.ended() is not None:
        return
    second = start(client, machine, value)
    daemon.kill()
    began = time.monotonic()
    Supervisor(daemon).until_ready(60, lives=3)
    ready = time.monotonic() - began - 2
    prober = Prober(daemon, lone)
    # A stop is answered too, even when the evaluation is under way.
    status, _ = Client(daemon, run.slow(3)).call("StopExecution", executionArn=second)
    time.sleep(1)
    worst = prober.stop()
    run.check("the same after a restart", worst < run.soon(P1_SECONDS) and status == 200,
              f"ready after {ready:.1f} s, P1 at most {worst:.2f} s, StopExecution {status}")
    began = time.monotonic()
    code = daemon.stop(30)
    run.check("SIGTERM ends it soon", code == 0 and time.monotonic() - began < run.slow(3) + 2,
              f"SIGTERM {time.monotonic() - began:.1f} s")


def add_time_rows():
    for number, (name, title, definition, value) in enumerate(time_bombs()):
        restart = number < 3
        row(f"A5.{name}", title + (" after a Wait, and SIGKILL, restart, SIGTERM" if restart else ""),
            "P1 beside it within 1 s; it ends by its budget; same pid" + ("; the same after the restart" if restart else "")
            )(lambda run, d=definition, v=value, r=restart: beside(run, d, v, r))


add_time_rows()


@row("A5.endless-jsonata", "8 executions of endless JSONata, P1 beside them", "P1 within 1 s; QueryEvaluationError")
def endless_jsonata(run):
    daemon = run.daemon()
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    machine = create(client, "endless", jsonata("($f := function($n) { $f($n + 1) }; $f(0))"))
    prober = Prober(daemon, lone)
    arns = [start(client, machine) for _ in range(8)]
    ends = {error_of(outcome(client, arn, run.slow(20))) for arn in arns}
    worst = prober.stop()
    run.check("P1 is answered soon", worst < run.soon(P1_SECONDS), f"P1 at most {worst:.2f} s; {ends}")
    run.check("each ends by its budget", ends == {"States.QueryEvaluationError"})
    run.alive(daemon)


@row("A5.fair", "an honest expression of some 60,000 steps behind 60 endless ones", "it ends within 10 s")
def fair(run):
    daemon = run.daemon()
    client = Client(daemon)
    endless = create(client, "endless", jsonata("($f := function($n) { $f($n + 1) }; $f(0))"))
    honest = create(client, "honest", jsonata("$sum([1..20000].($ * 2))"))
    for _ in range(60):
        start(client, endless)
    time.sleep(0.5)
    arns, began = [start(client, honest) for _ in range(3)], time.monotonic()
    ends = [error_of(outcome(client, arn, run.slow(12))) for arn in arns]
    took = time.monotonic() - began
    run.check("it is not queued behind them", ends == ["SUCCEEDED"] * 3 and took < run.slow(10), f"{ends}, {took:.1f} s")
    run.alive(daemon)


@row("A5.express-loop", "an Express execution that loops without end, 4 of them", "P1 within 1 s; same pid")
def express_loop(run):
    daemon = run.daemon()
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    loop = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "E"}], "Default": "A"},
        "E": {"Type": "Succeed"}}}
    machine = create(client, "loop", loop, "EXPRESS")
    prober = Prober(daemon, lone)
    for _ in range(4):
        start(client, machine)
    time.sleep(6)
    grown = daemon.memory()
    worst = prober.stop()
    run.check("P1 is answered soon", worst < run.soon(P1_SECONDS), f"P1 at most {worst:.2f} s, {grown:.0f} MiB")
    run.check("memory is bounded", grown < 512)
    run.alive(daemon)


@row("B11.test-state", "16 callers of TestState with an endless function",
     "ListStateMachines and StartExecution beside them within 1 s; /readyz 200")
def test_state_flood(run):
    daemon = run.daemon()
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    stop, results = threading.Event(), {}
    state = expression_state("($f := function($n) { $f($n + 1) }; $f(0))")

    def call():
        own = Client(daemon, 60)
        while not stop.is_set():
            try:
                status, body = test_state(own, state)
                key = body.get("error") or str(body.get("__type", status)).split("#")[-1]
            except (OSError, ValueError) as error:
                key = type(error).__name__
            results[key] = results.get(key, 0) + 1
            if key == "ThrottlingException":
                stop.wait(0.05)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    prober, slowest, ready = Prober(daemon, lone, rate=5), 0, []
    for _ in range(15):
        began = time.monotonic()
        try:
            Client(daemon, 20).call("ListStateMachines")
        except OSError:
            pass
        slowest = max(slowest, time.monotonic() - began)
        ready.append(daemon.admin_status(timeout=6))
        time.sleep(0.2)
    worst = prober.stop()
    stop.set()
    run.check("other calls are answered soon", slowest < run.soon(1) and worst < run.soon(1),
              f"ListStateMachines {slowest:.2f} s, StartExecution {worst:.2f} s, {results}")
    run.check("/readyz stays 200", set(ready) == {200}, f"/readyz {sorted(set(ready))}")
    run.check("TestState is answered as documented", results and set(results) <= {
        "States.QueryEvaluationError", "ThrottlingException"})
    run.alive(daemon)


# ---- A6, floods


def nested(name, count):
    """A machine with so many branches that start the machine of that name."""
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": True, "Parameters": {
            "StateMachineArn": f"arn:aws:states:us-east-1:000000000000:stateMachine:{name}",
            "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}}}
    branches = [{"StartAt": f"S{n}", "States": {f"S{n}": task}} for n in range(count)]
    return {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}


@row("B4.fork-bomb", "a machine that starts itself twice, started once; after 12 s it is deleted",
     "P1 beside it within 1 s; RSS below 512 MiB; same pid; quiet after the deletion")
def fork_bomb(run):
    daemon = run.daemon()
    client = Client(daemon, 60)
    lone = create(client, "p1", PASS)
    machine = create(client, "bomb", nested("bomb", 2))
    prober = Prober(daemon, lone, rate=5)
    start(client, machine)
    peak, end = 0, time.monotonic() + 12
    while time.monotonic() < end:
        time.sleep(0.5)
        peak = max(peak, daemon.memory())
    ready = daemon.admin_status()
    status, _ = client.call("DeleteStateMachine", stateMachineArn=machine)
    worst = prober.stop()
    run.check("P1 is answered soon", worst < run.soon(P1_SECONDS), f"P1 at most {worst:.2f} s, {prober.refused[:1]}")
    run.check("memory is bounded", peak < 512, f"peak {peak:.0f} MiB, /readyz {ready}, delete {status}")
    run.check("/readyz stays 200", ready == 200)
    time.sleep(5)
    prober = Prober(daemon, lone, rate=5)
    time.sleep(4)
    worst = prober.stop()
    run.check("quiet after the deletion", worst < 1, f"afterwards {worst:.2f} s")
    run.alive(daemon)


@row("A6.nested-depth", "a machine that starts itself once and waits (.sync:2), started once",
     "at most limits.nestedDepth (32) executions; the task fails with StepFunctions.ExecutionLimitExceeded")
def nested_depth(run):
    daemon = run.daemon()
    client = Client(daemon)
    definition = {"StartAt": "S", "States": {"S": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True, "Parameters": {
            "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:deep", "Input": {}},
        "Catch": [{"ErrorEquals": ["StepFunctions.ExecutionLimitExceeded"], "Next": "Caught"}]},
        "Caught": {"Type": "Succeed"}}}
    machine = create(client, "deep", definition)
    arn = start(client, machine)
    described = outcome(client, arn, run.slow(15))
    count = sum(1 for _ in client.pages("ListExecutions", "executions", stateMachineArn=machine, maxResults=1000))
    run.check("the depth is bounded", 32 <= count <= 34, f"{count} executions; the first {error_of(described)}")
    run.check("the error can be caught", described["status"] == "SUCCEEDED")
    run.alive(daemon)


@row("A6.flood", "1,500 connections with 4 pipelined StartExecution each while every fsync takes 500 ms",
     "200 or ThrottlingException for each; what got 200 exists; RSS below 512 MiB; health checks answered")
def flood(run):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    daemon = run.daemon(shim="")
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    daemon.shim.sync_microseconds = 500_000
    connections, answers, ready = 1500, {}, selectors.DefaultSelector()
    for number in range(connections):
        bodies = [json.dumps({"stateMachineArn": machine, "name": f"f{number}-{n}",
                              "input": json.dumps({"x": "y" * 2000})}).encode() for n in range(4)]
        connection = socket.create_connection(daemon.api, timeout=30)
        connection.sendall(b"".join(
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.StartExecution\r\n"
            b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s" % (len(b), b) for b in bodies))
        connection.setblocking(False)
        answers[connection] = b""
        ready.register(connection, selectors.EVENT_READ)
    peak, alive, open_ones = daemon.memory(), daemon.admin_status("/livez", 10), connections
    end = time.monotonic() + 40
    while open_ones and time.monotonic() < end:
        for key, _ in ready.select(1):
            part = key.fileobj.recv(65536)
            answers[key.fileobj] += part
            if not part or answers[key.fileobj].count(b"HTTP/1.1 ") >= 4 and answers[key.fileobj].endswith(b"}"):
                ready.unregister(key.fileobj)
                open_ones -= 1
    text = b"".join(answers.values())
    for connection in answers:
        connection.close()
    peak = max(peak, daemon.memory("VmHWM"))
    daemon.shim.sync_microseconds = 0
    good, throttled = text.count(b"HTTP/1.1 200"), text.count(b'"ThrottlingException"')
    run.check("each is answered by one of the two", good + throttled == 4 * connections,
              f"{good} times 200, {throttled} throttled, {text.count(b'HTTP/1.1 ')} answers")
    run.check("memory is bounded", peak < 512, f"peak {peak:.0f} MiB, /livez {alive}")
    there = sum(1 for _ in client.pages("ListExecutions", "executions", stateMachineArn=machine, maxResults=1000))
    run.check("what was accepted exists", there == good, f"{there} there")
    run.alive(daemon)


@row("A5.timers", "200 executions with a Wait of 2 s beside 20 endless evaluations and 3 time bombs",
     "every timer within 500 ms", alone=True)
def timers_beside(run):
    daemon = run.daemon()
    client = Client(daemon)
    waits = Waits(daemon)
    endless = create(client, "endless", jsonata("($f := function($n) { $f($n + 1) }; $f(0))"))
    bombs = [create(client, f"b{n}", definition) for n, (_, _, definition, _) in enumerate(time_bombs()) if n in (0, 2, 3)]
    values = [value for n, (_, _, _, value) in enumerate(time_bombs()) if n in (0, 2, 3)]
    waits.start(200)
    for _ in range(20):
        start(client, endless)
    for machine, value in zip(bombs, values):
        start(client, machine, value)
    late = waits.lateness(run.slow(10))
    run.check("no timer is late", max(late) < run.soon(0.5), f"at most {max(late) * 1000:.0f} ms late")
    run.alive(daemon)


@row("A7.survives-all", "all time and memory bombs stored behind a Wait of 1 s, SIGKILL, supervised start",
     "one start is enough; P1 within 1 s of readiness; /readyz 200")
def stored_bombs(run):
    daemon = run.daemon()
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    for number, (name, _, definition, value) in enumerate(time_bombs()):
        start(client, create(client, f"t{number}", after_wait(definition)), value)
    for number, text in enumerate(MEMORY_BOMBS.values()):
        start(client, create(client, f"j{number}", after_wait(jsonata(text))))
    for number, (_, definition, value) in enumerate(path_bombs()):
        start(client, create(client, f"path{number}", after_wait(definition)), value)
    daemon.process.send_signal(signal.SIGKILL)
    daemon.process.wait()
    time.sleep(1)
    supervisor = Supervisor(daemon)
    lives = supervisor.until_ready(60, lives=4, ready_within=20)
    prober = Prober(daemon, lone, rate=5)
    time.sleep(min(15, run.slow(6)))
    worst, peak = prober.stop(), daemon.memory("VmHWM")
    run.check("one life is enough", lives == 1, f"codes {supervisor.codes}")
    # All of them are due at once: a first attempt of each is before P1, a turn's budget long.
    run.check("P1 is answered soon", worst < run.slow(P1_SECONDS), f"P1 at most {worst:.2f} s, peak {peak:.0f} MiB")
    # 256 MiB for the evaluations; 37 compiled machines, of which fourteen have definitions of 100 to 700 KB, take the rest.
    run.check("memory is bounded", peak < 768)
    run.check("/readyz is 200", daemon.admin_status() == 200)
    run.alive(daemon)
