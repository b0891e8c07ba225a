# Faults of the process: poison executions, damaged rows, signals, the administrator's socket, the clock (A2, A3, A7, B6-B8).
import concurrent.futures
import datetime
import os
import re
import signal
import socket
import stat
import subprocess
import threading
import time

import surgery
from trial import (
    PASS, Broken, Client, Prober, Supervisor, Waits, create, error_of, history, outcome, row,
    service_environment, start, unit_text)

KILL, TRAP, ABORT, ADDRESS = 1, 2, 3, 4
MARK = "xDIE-HEREy"
EXPRESSION = "$contains($states.input.text, /HERE/)"


def poison(place="turn"):
    """A machine whose evaluation reaches the shim's mark one second after its start, in a turn, on an evaluation thread
    or in an iteration of a Map."""
    state = {"Type": "Pass", "Output": "{% " + EXPRESSION + " %}", "End": True}
    if place == "thread":
        state["Output"] = "{% $sum([1..100000].($ * 2)) > 0 and " + EXPRESSION + " %}"
    if place == "map":
        state = {"Type": "Map", "Items": "{% [1..3] %}", "ItemSelector": "{% $states.input %}", "End": True,
                 "ItemProcessor": {"StartAt": "I", "States": {"I": state}}}
    if place == "choice":
        state = {"Type": "Choice", "Default": "E", "Choices": [{"Condition": "{% " + EXPRESSION + " %}", "Next": "E"}]}
    states = {"W": {"Type": "Wait", "Seconds": 1, "Next": "M"}, "M": state, "E": {"Type": "Succeed"}}
    if place != "choice":
        del states["E"]
    return {"QueryLanguage": "JSONata", "StartAt": "W", "States": states}


def quarantine(daemon, verb, *arguments):
    """`newel execution quarantine VERB` on the daemon's state folder: (exit code, output)."""
    code, out, error = daemon.command(
        "execution", "quarantine", verb, *arguments, "--store-url", "sqlite:" + daemon.state)
    return code, out + error


def names(listed, arn):
    """Whether the list names this execution, and not one whose name begins like it."""
    return re.search(re.escape(arn) + r"(?!\S)", listed) is not None


def poisoned(run, place, death, environment=None):
    """Starts a poison execution beside honest ones and supervises until a start stays ready."""
    daemon = run.daemon(shim="", environment=environment)
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    waits = Waits(daemon, seconds=6)
    waits.start(20)
    machine = create(client, "poison", poison(place))
    arn = start(client, machine, {"text": MARK})
    daemon.shim.death = death
    code = daemon.wait_for_end(20)
    if code is None and daemon.shim.deaths:
        raise Broken("the process is still there 15 s after its fault")
    if code is None:
        raise Broken("the shim did not end the process: the row proves nothing")
    run.see(f"first end {code}")
    if death != KILL:
        line = rf"^newel: ended by signal {-code} while advancing execution \d+$"
        run.check("one line says what it was doing", len(daemon.words(line)) == 1, f"{len(daemon.words(line))} line")
    supervisor = Supervisor(daemon)
    lives = supervisor.until_ready(60, lives=6)
    run.check("at most two lives end by it", daemon.shim.deaths <= 2 and lives <= 2,
              f"{daemon.shim.deaths} ends by it, ready in life {lives + 1}")
    return daemon, lone, waits, machine, arn


@row("A2.poison", "an execution that ends the process whenever it is advanced, in a turn; supervised",
     "two ends at most, then ready; it is RUNNING, listed, logged once with its ARN, counted; the others are punctual; "
     "it can be stopped")
def poison_in_turn(run):
    daemon, lone, waits, machine, arn = poisoned(run, "turn", KILL)
    client, pid = Client(daemon), daemon.process.pid
    status, described = client.call("DescribeExecution", executionArn=arn)
    run.check("it is still RUNNING", described.get("status") == "RUNNING", described.get("status", described))
    code, listed = quarantine(daemon, "list")
    run.check("quarantine list shows it", code == 0 and arn in listed, f"list {code}: {listed.strip()[:160]}")
    lines = [line for line in daemon.words(re.escape(arn)) if re.search("(?i)quarantin", line)]
    run.check("one log line names it", len(lines) == 1, f"{len(lines)} lines")
    metrics = daemon.metrics("quarantin")
    run.check("it is counted", any(float(value) >= 1 for _, value in metrics), metrics)
    prober = Prober(daemon, lone)
    late = waits.lateness()
    run.check("the others are punctual", max(late) < 3.5, f"others at most {max(late):.2f} s after their time, restarts included")
    run.check("P1 is answered", prober.stop() < run.soon(1) and not prober.refused)
    fresh = Waits(daemon, "fresh", 1)
    fresh.start(20)
    late = fresh.lateness()
    run.check("new timers are punctual", max(late) < run.soon(0.3), f"new ones {max(late) * 1000:.0f} ms")
    status, _ = client.call("StopExecution", executionArn=arn)
    run.check("it can be stopped", status == 200 and outcome(client, arn, 5)["status"] == "ABORTED", f"stop {status}")
    code, listed = quarantine(daemon, "list")
    run.check("then it is listed no more", code == 0 and arn not in listed)
    run.alive(daemon, pid)


@row("A2.poison-thread", "the same on an evaluation thread (the state exceeds a turn's budget), by a trap",
     "two ends at most, then ready and quarantined; released without the cause it succeeds")
def poison_on_thread(run):
    daemon, _, _, _, arn = poisoned(run, "thread", TRAP, service_environment(run.binary))
    pid = daemon.process.pid
    code, listed = quarantine(daemon, "list")
    run.check("quarantine list shows it", code == 0 and arn in listed, listed.strip()[:160])
    daemon.shim.death = 0
    code, said = quarantine(daemon, "release", arn)
    described = outcome(Client(daemon), arn, run.slow(5))
    run.check("released it goes on", code == 0 and described["status"] == "SUCCEEDED",
              f"release {code} {said.strip()[:80]}: {described['status']}")
    run.alive(daemon, pid)


@row("A2.poison-map", "the same in an iteration of a Map, by abort", "two ends at most, then ready and quarantined")
def poison_in_map(run):
    daemon, _, _, _, arn = poisoned(run, "map", ABORT, service_environment(run.binary))
    code, listed = quarantine(daemon, "list")
    run.check("quarantine list shows it", code == 0 and arn in listed, listed.strip()[:160])
    run.alive(daemon, daemon.process.pid)


@row("A2.poison-choice", "the same in a Choice, by a bad address; the daemon is restarted while it is quarantined",
     "it stays quarantined over a restart; others run")
def poison_in_choice(run):
    daemon, lone, _, _, arn = poisoned(run, "choice", ADDRESS, service_environment(run.binary))
    run.check("SIGTERM ends well", daemon.stop() == 0)
    daemon.start()
    time.sleep(1.5)
    code, listed = quarantine(daemon, "list")
    run.check("still quarantined after a restart", code == 0 and arn in listed, listed.strip()[:160])
    client = Client(daemon)
    run.check("others run", outcome(client, start(client, lone), 5)["status"] == "SUCCEEDED")
    run.alive(daemon)


@row("A2.poison-many", "12 poison executions at once, 30 honest ones; supervised",
     "each is quarantined after two ends at most; every honest one succeeds")
def poison_many(run):
    daemon = run.daemon(shim="")
    client = Client(daemon)
    lone = create(client, "p1", PASS)
    waits = Waits(daemon, seconds=3)
    machine = create(client, "poison", poison())
    daemon.shim.death = KILL
    bad = [start(client, machine, {"text": MARK}) for _ in range(12)]
    waits.start(30)
    daemon.wait_for_end(20)
    supervisor = Supervisor(daemon, rest=0.1)
    lives = supervisor.until_ready(100, lives=26)
    client = Client(daemon)
    code, listed = quarantine(daemon, "list")
    run.check("all are quarantined", code == 0 and all(arn in listed for arn in bad),
              f"{daemon.shim.deaths} ends, ready in life {lives + 1}, {sum(arn in listed for arn in bad)} listed")
    ends = {outcome(client, arn)["status"] for arn in waits.arns}
    run.check("every honest one succeeds", ends == {"SUCCEEDED"}, ends)
    run.check("none of them is listed", not any(arn in listed for arn in waits.arns))
    run.check("P1 runs", outcome(client, start(client, lone), 5)["status"] == "SUCCEEDED")
    run.alive(daemon, daemon.process.pid)


@row("A2.innocent", "12 lives end by SIGKILL while a loop of Pass states advances all the time",
     "it is not quarantined: it completed turns between")
def innocent(run):
    daemon = run.daemon()
    client = Client(daemon)
    loop = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 0, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "E"}], "Default": "A"},
        "E": {"Type": "Succeed"}}}
    arns = [start(client, create(client, "loop", loop)) for _ in range(4)]
    for _ in range(12):
        # Long enough for a turn.
        time.sleep(min(2, run.slow(0.25)))
        daemon.kill()
        daemon.start()
    time.sleep(0.5)
    code, listed = quarantine(daemon, "list")
    run.check("none is quarantined", code == 0 and not any(arn in listed for arn in arns), listed.strip()[:120])
    client = Client(daemon)
    counts = [len(history(client, arn)) for arn in arns]
    time.sleep(0.5)
    grown = [len(history(client, arn)) > count or count >= 25_000 for arn, count in zip(arns, counts)]
    run.check("they continue", all(grown) or all(
        outcome(client, arn, 0)["status"] in ("FAILED", "RUNNING") for arn in arns), f"{counts} events")
    run.alive(daemon)


@row("A2.cut-record", "newel.crash cut to nothing under the running daemon, 50 executions after it; SIGKILL, restart",
     "same pid; each succeeds; the next start is ready")
def cut_record(run):
    daemon = run.daemon()
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    outcome(client, start(client, machine), 5)
    os.truncate(daemon.path("newel.crash"), 0)
    ends = [outcome(client, start(client, machine), 5)["status"] for _ in range(50)]
    run.check("each succeeds", set(ends) == {"SUCCEEDED"}, set(ends))
    run.alive(daemon)
    daemon.kill()
    daemon.start()
    client = Client(daemon)
    run.check("P1 runs after a restart", outcome(client, start(client, machine), 5)["status"] == "SUCCEEDED")
    run.check("the record is whole again", os.path.getsize(daemon.path("newel.crash")) > 0)


# ---- A2, damaged rows (B5)


def damaged(run, count, damage, together=20):
    """`count` waiting executions whose newest events are damaged while the daemon is down, honest ones beside them."""
    daemon = run.daemon()
    client = Client(daemon)
    machine = create(client, "victim", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": True}}})
    names = [f"v{n}" for n in range(count)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        local = threading.local()

        def begin(name):
            if not hasattr(local, "client"):
                local.client = Client(daemon)
            return start(local.client, machine, name=name)

        arns = list(pool.map(begin, names))
    waits = Waits(daemon, seconds=8)
    waits.start(together)
    lone = create(client, "p1", PASS)
    daemon.stop()
    changed = damage(daemon.state, names)
    run.see(f"{changed} rows damaged")
    if changed < count:
        raise Broken("the rows could not be damaged: the row proves nothing")
    return daemon, arns, waits, lone


def after_damage(run, daemon, arns, waits, lone, stops_by_api=True):
    Supervisor(daemon).until_ready(30, lives=3)
    pid, client = daemon.process.pid, Client(daemon)
    time.sleep(5)
    fresh = Waits(daemon, "fresh", 2)
    fresh.start(30)
    late, new = waits.lateness(20), fresh.lateness(20)
    run.check("the others' timers are punctual", max(late) < run.soon(0.5) and
              max(new) < run.soon(0.5),
              f"stored timers {max(late):.2f} s late, new ones {max(new):.2f} s")
    run.check("/readyz is 200", daemon.admin_status() == 200)
    code, listed = quarantine(daemon, "list")
    found = sum(names(listed, arn) for arn in arns)
    run.check("the damaged ones are listed", code == 0 and found == len(arns), f"{found} of {len(arns)} listed")
    named = len(daemon.words(re.escape(arns[0]) + '"'))
    run.check("each is logged once", 1 <= named <= 2 and len(daemon.lines) < 3 * len(arns) + 200,
              f"{named} lines name the first, {len(daemon.lines)} lines in all")
    sizes = len(daemon.lines)
    time.sleep(2)
    run.check("the log is quiet", len(daemon.lines) - sizes < 20, f"{len(daemon.lines) - sizes} lines in 2 s")
    if stops_by_api:
        stops = [client.call("StopExecution", executionArn=arn)[0] for arn in arns[:3]]
        ends = [client.call("DescribeExecution", executionArn=arn)[1].get("status") for arn in arns[:3]]
        run.check("a damaged one can be stopped", stops == [200] * len(stops) and set(ends) == {"ABORTED"},
                  f"stop {stops}, {ends}")
    else:
        stops = [quarantine(daemon, "stop", arn)[0] for arn in arns[:3]]
        listed = quarantine(daemon, "list")[1]
        run.check("a damaged one can be stopped by the command", stops == [0] * len(stops) and not any(
            names(listed, arn) for arn in arns[:3]), f"stop {stops}")
    run.check("P1 runs", outcome(client, start(client, lone), 5)["status"] == "SUCCEEDED")
    run.alive(daemon, pid)


@row("B5.one-row", "the events of one waiting execution cut by 5 bytes", "the others are punctual; it is quarantined")
def one_damaged(run):
    after_damage(run, *damaged(run, 1, lambda state, names: surgery.cut_events(state, names, 5)))


@row("B5.600-rows", "the events of 600 waiting executions cut by 5 bytes",
     "the others are punctual; each is quarantined, logged once, and can be stopped")
def many_damaged(run):
    after_damage(run, *damaged(run, 600, lambda state, names: surgery.cut_events(state, names, 5)))


@row("B5.garbage", "the events of 40 waiting executions replaced by random bytes, empty blobs and other encodings",
     "the others are punctual; each is quarantined")
def garbage(run):
    after_damage(run, *damaged(run, 40, surgery.replace_events))


@row("B5.removed", "the events of 40 waiting executions deleted", "the others are punctual; each is quarantined")
def removed_rows(run):
    after_damage(run, *damaged(run, 40, surgery.delete_events))


@row("B5.definition", "the definition of 40 waiting executions' machine replaced by nonsense",
     "the others are punctual; each is quarantined; the command stops it, since the API no longer has the machine")
def damaged_definition(run):
    after_damage(run, *damaged(run, 40, surgery.damage_definition), stops_by_api=False)


# ---- A2, the unit


@row("A2.unit", "systemd/newel.service is read", "StartLimitIntervalSec=0, no backtrace, ExecReload, 65 is final")
def unit(run):
    text = unit_text(run.binary)
    run.check("starts are not limited", re.search(r"^StartLimitIntervalSec=0$", text, re.MULTILINE), "")
    run.check("it reloads by SIGHUP", re.search(r"^ExecReload=.*kill.*HUP.*MAINPID", text, re.MULTILINE), "")
    final = re.search(r"^RestartPreventExitStatus=(.*)$", text, re.MULTILINE)
    run.check("65 and 78 are final, 74 is not", final and {"65", "78"} <= set(final[1].split()) and
              "74" not in final[1].split(), final and final[1])
    run.check("it restarts on failure", "\nRestart=on-failure\n" in text)


# ---- A3, the administrator's socket


@row("A3.socket", "newel.sock under umask 000, another user, a stale socket after SIGKILL, no daemon",
     "mode 0600; root alone speaks to it; the command works with and without a daemon")
def admin_socket(run):
    daemon = run.daemon(umask=0)
    path = daemon.path("newel.sock")
    run.check("the socket is there", os.path.exists(path))
    mode = stat.S_IMODE(os.stat(path).st_mode)
    run.check("its mode is 0600", mode == 0o600, oct(mode))
    run.check("the command speaks to it", quarantine(daemon, "list")[0] == 0, quarantine(daemon, "list")[1].strip()[:100])
    os.chmod(daemon.folder, 0o755)

    def nobody():
        os.setgid(65534)
        os.setuid(65534)

    if os.getuid() == 0:
        tried = subprocess.run(
            ["/usr/bin/python3", "-c", f"import socket; socket.socket(socket.AF_UNIX).connect({path!r})"],
            preexec_fn=nobody, capture_output=True, text=True, check=False)
        run.check("another user cannot connect", "PermissionError" in tried.stderr, tried.stderr.strip()[-60:])
    daemon.kill()
    daemon.start()
    run.check("a socket left by SIGKILL is replaced", quarantine(daemon, "list")[0] == 0)
    daemon.stop()
    code, said = quarantine(daemon, "list")
    run.check("without a daemon the command opens the store", code == 0, said.strip()[:100])


@row("A3.socket-garbage", "random bytes, half requests, 1 MB without an end and 100 idle connections on newel.sock",
     "same pid; the command still works; P1 is answered")
def socket_garbage(run):
    daemon = run.daemon()
    client, path = Client(daemon), daemon.path("newel.sock")
    lone = create(client, "p1", PASS)
    idle, sent = [], 0
    for text in [os.urandom(4096), b"GET / HTTP/1.1\r\n", b"{" * 100_000, b"\0" * 100, b"x" * 1_000_000, b'{"a":' * 9000, b""]:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(2)
        try:
            connection.connect(path)
            connection.sendall(text)
            sent += 1
        except OSError:
            pass
        idle.append(connection)
    run.check("the socket takes connections", sent > 0, f"{sent} of 7 sent")
    for _ in range(100):
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(path)
        except OSError:
            pass
        idle.append(connection)
    run.check("P1 is answered", outcome(client, start(client, lone), 5)["status"] == "SUCCEEDED")
    for connection in idle:
        connection.close()
    run.check("the command works", quarantine(daemon, "list")[0] == 0, quarantine(daemon, "list")[1].strip()[:100])
    run.alive(daemon)


# ---- A7, the end of a process


@row("A7.backtrace", "SIGILL, SIGSEGV and SIGABRT to a daemon with the unit's environment, and a trap in an evaluation",
     "gone within a second; the next start says what it was doing")
def backtrace(run):
    daemon = run.daemon(shim="", environment=service_environment(run.binary))
    client = Client(daemon)
    machine = create(client, "poison", poison())
    for number in (signal.SIGILL, signal.SIGSEGV, signal.SIGABRT):
        began = time.monotonic()
        daemon.process.send_signal(number)
        code = daemon.wait_for_end(40)
        took = time.monotonic() - began
        run.check(f"{number.name} ends it within a second", code == -number and took < 1.5, f"{number.name}: {took:.2f} s")
        daemon.start()
    arn = start(Client(daemon), machine, {"text": MARK})
    daemon.shim.death = TRAP
    address, gone, began = daemon.api, None, None
    while daemon.process.poll() is None:
        if daemon.shim.deaths and began is None:
            began = time.monotonic()
        if began and time.monotonic() - began > 40:
            break
        time.sleep(0.005)
    if daemon.shim.deaths and began is None:
        # It was gone before the trap was seen.
        began = time.monotonic()
    gone = time.monotonic() - (began or time.monotonic())
    run.check("a trap ends it within a second", began is not None and gone < 1.5, f"trap: {gone:.2f} s")
    try:
        socket.create_connection(address, timeout=1).close()
        run.check("its listener is closed", False)
    except OSError:
        run.check("its listener is closed", True)
    daemon.shim.death = 0
    daemon.start()
    lines = daemon.words(re.escape(arn))
    run.check("the log names what it was doing", bool(lines), lines[-1][:200] if lines else "no line names it")


# ---- B6, the clock

HOUR = 3600 * 10**9


def timed(run, shift, seconds=4):
    """A Wait, a retry, a time-out and a heartbeat of some seconds while the clock is shifted after one second."""
    daemon = run.daemon(shim="")
    client = Client(daemon)
    activity = client.call("CreateActivity", name="stays")[1]["activityArn"]
    beats = client.call("CreateActivity", name="beats")[1]["activityArn"]
    fails = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:none", "End": True,
             "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": seconds, "MaxAttempts": 1}]}
    states = {
        "Wait": ({"Type": "Wait", "Seconds": seconds, "End": True}, "SUCCEEDED"),
        "time-out": ({"Type": "Task", "Resource": activity, "TimeoutSeconds": seconds, "End": True}, "States.Timeout"),
        "heartbeat": ({"Type": "Task", "Resource": beats, "HeartbeatSeconds": seconds, "End": True},
                      "States.Timeout"),
        "retry": (fails, "Lambda.ResourceNotFoundException"),
    }
    arns = {name: start(client, create(client, name, {"StartAt": "S", "States": {"S": state}}))
            for name, (state, _) in states.items()}
    long = start(client, create(client, "long", {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 3600, "End": True}}}))
    began = time.monotonic()
    # The time of an activity counts from its worker's start.
    client.call("GetActivityTask", activityArn=beats)
    client.call("GetActivityTask", activityArn=activity)
    time.sleep(1)
    daemon.shim.clock_nanoseconds = shift
    ends = {}
    while len(ends) < len(arns) and time.monotonic() - began < seconds + run.soon(6):
        for name, arn in arns.items():
            if name not in ends and outcome(client, arn, 0)["status"] != "RUNNING":
                ends[name] = time.monotonic() - began
        time.sleep(0.05)
    for name, (_, expected) in states.items():
        took = ends.get(name)
        run.check(f"the {name} takes its seconds", took is not None and seconds - 0.3 <= took <= seconds + run.soon(2), f"{name} {f'{took:.1f} s' if took else 'not over'}")
        described = outcome(client, arns[name], 0)
        run.check(f"the {name} ends as it should", expected == error_of(described) or expected in str(
            described.get("error")), error_of(described))
    run.check("a Wait of an hour still waits", outcome(client, long, 0)["status"] == "RUNNING")
    lines = daemon.words("(?i)clock")
    run.check("the jump is logged", bool(lines), lines[0][:200] if lines else "no line")
    metrics = daemon.metrics("clock")
    run.check("the jump is counted", any(float(value) >= 1 for _, value in metrics), metrics)
    run.check("the daemon is ready", daemon.admin_status() == 200)
    run.alive(daemon)
    return daemon


@row("B17.forward", "the clock set forward by an hour", "waits, time-outs and retries in seconds take their seconds; logged")
def clock_forward(run):
    timed(run, HOUR)


@row("B17.back", "the clock set back by an hour", "waits, time-outs and retries in seconds take their seconds; logged")
def clock_back(run):
    timed(run, -HOUR)


@row("B17.years", "the clock set back by ten years, then forward by ten", "the same; no negative duration; same pid")
def clock_years(run):
    daemon = timed(run, -10 * 365 * 24 * HOUR)
    daemon.shim.clock_nanoseconds = 10 * 365 * 24 * HOUR
    waits = Waits(daemon, "after", 2)
    waits.start(5)
    late = waits.lateness()
    run.check("a Wait after it takes its seconds", -0.1 < min(late) and max(late) < 2, f"{max(late):.2f} s late")
    run.alive(daemon)


@row("B17.timestamp", "a Wait until a Timestamp one hour away, the clock set forward by two hours",
     "it ends: Timestamp waits follow the wall clock")
def clock_timestamp(run):
    daemon = run.daemon(shim="")
    client = Client(daemon)
    until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    machine = create(client, "until", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": until, "End": True}}})
    arn = start(client, machine)
    time.sleep(0.5)
    run.check("it waits before", outcome(client, arn, 0)["status"] == "RUNNING")
    daemon.shim.clock_nanoseconds = 2 * HOUR
    described = outcome(client, arn, 10)
    run.check("it ends after the jump", described["status"] == "SUCCEEDED", described["status"])
    run.alive(daemon)


@row("B17.restart", "a Wait of 6 s; SIGKILL, 2 s, restart", "it ends 6 s after its start by stored wall time")
def clock_restart(run):
    daemon = run.daemon(shim="")
    waits = Waits(daemon, seconds=6)
    waits.start(5)
    daemon.kill()
    time.sleep(2)
    daemon.start()
    late = waits.lateness()
    run.check("wall time counts over a restart", -0.1 < min(late) and max(late) < run.soon(0.5),
              f"{max(late):.2f} s late")


# ---- B8, SIGHUP


@row("B8.hup", "a machine's definition, a route and a role's policy changed on disk, then kill -HUP; then each broken",
     "the new ones serve; what is broken is kept and named in the log; same pid")
def hangup(run):
    daemon = run.daemon(gateway=True)
    client = Client(daemon)
    before = client.call("DescribeStateMachine", stateMachineArn="arn:aws:states:us-east-1:000000000000:stateMachine:"
                         "move-recipe")[1]["definition"]
    daemon.edit("move-recipe.asl.json", "Gives a recipe a new owner", "Hands a recipe on")
    daemon.edit("recipes.openapi.yaml", "/moves/{execution}:", "/handed/{execution}:")
    run.check("the old route serves", client.knock("GET", "/moves/none")[0] == 404)
    daemon.process.send_signal(signal.SIGHUP)

    def until(test, seconds=5):
        end = time.monotonic() + run.soon(seconds)
        while time.monotonic() < end:
            if daemon.ended() is not None:
                raise Broken(f"SIGHUP ended the daemon with {daemon.ended()}")
            if test():
                return True
            time.sleep(0.1)
        return False

    def definition():
        return client.call("DescribeStateMachine", stateMachineArn="arn:aws:states:us-east-1:000000000000:stateMachine:"
                           "move-recipe")[1]["definition"]

    run.check("the new definition serves", until(lambda: "Hands a recipe on" in definition()) and definition() != before)
    status, body = client.knock("GET", "/handed/none")
    run.check("the new route serves", status == 404 and "Execution" in str(body), f"{status} {str(body)[:80]}")
    status, body = client.knock("POST", "/recipes/1/move", {"user_id": 2})
    run.check("a move is admitted", status == 202, status)
    daemon.edit("iam/ApiToSfn.json", "states:StartExecution", "states:StopExecution")
    daemon.process.send_signal(signal.SIGHUP)
    run.check("a policy that refuses now refuses", until(
        lambda: client.knock("POST", "/recipes/1/move", {"user_id": 2})[0] != 202))
    daemon.edit("iam/ApiToSfn.json", "states:StopExecution", "states:StartExecution")
    daemon.process.send_signal(signal.SIGHUP)
    run.check("and admits again", until(lambda: client.knock("POST", "/recipes/1/move", {"user_id": 2})[0] == 202))
    count = len(daemon.lines)
    for name, old, new in (("move-recipe.asl.json", '"StartAt"', '"StartsAt"'), ("iam/ApiToSfn.json", "{", "{{"),
                           ("recipes.openapi.yaml", "openapi: 3.0.1", "openapi: [")):
        daemon.edit(name, old, new)
    daemon.process.send_signal(signal.SIGHUP)
    named = ("move-recipe", "ApiToSfn", "recipes.openapi")
    until(lambda: all(any(n in line for line in list(daemon.lines)[count:]) for n in named))
    words = [line for line in list(daemon.lines)[count:] if any(n in line for n in named)]
    run.check("what is broken is named", all(any(n in line for line in words) for n in named),
              words[0][:200] if words else "nothing logged")
    run.check("and kept", "Hands a recipe on" in definition() and
              client.knock("POST", "/recipes/1/move", {"user_id": 2})[0] == 202)
    run.alive(daemon)


# ---- B19, callers that wait


@row("B19.sync-callers", "SIGTERM while 20 callers wait in StartSyncExecution (Wait 30)",
     "each gets an answer, 503 at the latest when the drain ends; exit code 0")
def sync_callers(run):
    daemon = run.daemon()
    machine = create(Client(daemon), "sync", {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 30, "End": True}}}, "EXPRESS")
    answers = []

    def call():
        try:
            answers.append(Client(daemon, 40).call("StartSyncExecution", stateMachineArn=machine)[0])
        except (OSError, ValueError) as error:
            answers.append(type(error).__name__)
        except Exception as error:  # http.client's own
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    began = time.monotonic()
    code = daemon.stop(20)
    for thread in threads:
        thread.join(10)
    run.check("each has an answer", len(answers) == 20 and set(answers) <= {200, 503}, f"{sorted(set(map(str, answers)))}")
    run.check("the daemon ends well", code == 0, f"exit {code} after {time.monotonic() - began:.1f} s")


@row("B19.sync-soon", "SIGTERM while 20 callers wait in StartSyncExecution (Wait 3)", "each gets its result, 200")
def sync_callers_soon(run):
    daemon = run.daemon()
    machine = create(Client(daemon), "sync", {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 3, "End": True}}}, "EXPRESS")
    answers = []

    def call():
        try:
            status, body = Client(daemon, 40).call("StartSyncExecution", stateMachineArn=machine)
            answers.append((status, body.get("status")))
        except Exception as error:
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(20)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    code = daemon.stop(20)
    for thread in threads:
        thread.join(10)
    run.check("each has its result", answers == [(200, "SUCCEEDED")] * 20, f"{sorted(set(map(str, answers)))}, exit {code}")


@row("B19.express-events", "an Express execution of some 40,000 events; a Standard one of the same",
     "Express succeeds; Standard fails at 25,000")
def express_events(run):
    daemon = run.daemon()
    client = Client(daemon)
    loop = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"n": "{% $exists($n) ? $n + 1 : 1 %}"}, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $n >= 10000 %}", "Next": "E"}], "Default": "A"},
        "E": {"Type": "Succeed"}}}
    status, body = Client(daemon, 100).call(
        "StartSyncExecution", stateMachineArn=create(client, "express", loop, "EXPRESS"))
    run.check("Express succeeds", status == 200 and body.get("status") == "SUCCEEDED", f"{status} {error_of(body)}")
    described = outcome(client, start(client, create(client, "standard", loop)), 60)
    run.check("Standard fails", described["status"] == "FAILED", error_of(described))
    run.alive(daemon)


@row("A2.second-daemon", "a second daemon on the folder of a running one, also through a symbolic link",
     "it ends with 75; the first serves on")
def second_daemon(run):
    daemon = run.daemon()
    other = run.daemon(starts=False)
    link = os.path.join(run.folder, "link")
    os.symlink(daemon.state, link)
    for folder in (daemon.state, link):
        other.state = folder
        code = other.run_to_end()
        run.check("the second ends with 75", code == 75, f"{code}: {other.said()[:120]}")
    client = Client(daemon)
    run.check("the first serves on", outcome(client, start(client, create(client, "p1", PASS)))["status"] == "SUCCEEDED")
    run.alive(daemon)




@row("A2.multiplying", "kill -9 while a machine that starts ten of itself for each of its executions runs, twice",
     "ready within 10 s of each start; API answers under 1 s; SIGTERM ends it with 0")
def multiplying(run):
    daemon = run.daemon()
    client = Client(daemon)
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:many"
    ten = {"l": list(range(10))}
    start(client, create(client, "many", {"StartAt": "M", "States": {"M": {
        "Type": "Map", "ItemsPath": "$.l", "End": True, "ItemProcessor": {"StartAt": "T", "States": {"T": {
            "Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": True,
            "Parameters": {"StateMachineArn": machine, "Input": ten},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]}}}}}}), ten)
    for _ in range(2):
        time.sleep(3)
        daemon.kill()
        began = time.monotonic()
        daemon.start()
        took = time.monotonic() - began
        run.check("ready", took < 10, f"{took:.1f} s")
        began = time.monotonic()
        status, _ = Client(daemon).call("ListStateMachines")
        took = time.monotonic() - began
        run.check("answers", status == 200 and took < 1, f"{status} after {took:.2f} s")
    code = daemon.stop(20)
    run.check("the daemon ends well", code == 0, f"exit {code}")
