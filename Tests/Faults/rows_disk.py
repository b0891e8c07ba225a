# Faults of the disk: flipped bits, full and failing disks, file modes (B3-B5 of the issue).
import errno
import json
import os
import random
import shutil
import socket
import stat
import threading
import time

import surgery
from rows_store import MARKER, accepted, lost
from trial import PASS, Broken, Client, Prober, Supervisor, Waits, create, error_of, fill, files_of, outcome, row, start


# ---- B3, flipped bits (B8)


def everything(daemon, arns):
    """What the API says of every execution: ARN to answer, `None` where it is an error."""
    client, found = Client(daemon), {}
    for arn in arns:
        status, body = client.call("DescribeExecution", executionArn=arn)
        found[arn, "describe"] = body if status == 200 else None
        status, body = client.call("GetExecutionHistory", executionArn=arn, includeExecutionData=True)
        found[arn, "history"] = body if status == 200 else None
    for operation, members in (("ListStateMachines", {}), ("ListActivities", {})):
        status, body = client.call(operation, **members)
        found[operation, ""] = body if status == 200 else None
    for name in ("p1", "move-recipe"):
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{name}"
        for operation in ("DescribeStateMachine", "ListExecutions", "ListStateMachineVersions"):
            status, body = client.call(operation, stateMachineArn=arn)
            found[operation, name] = body if status == 200 else None
    return found


def bit_flips(run, count, seed):
    daemon, machine, given = accepted(run, 60)
    client = Client(daemon)
    client.call("PublishStateMachineVersion", stateMachineArn=machine, description="a version")
    client.call("CreateActivity", name="an-activity")
    truth = everything(daemon, given)
    daemon.stop()
    path = daemon.path("newel.db")
    whole = os.path.join(run.folder, "whole")
    shutil.copytree(daemon.state, whole)
    marks = surgery.offsets_of(path, MARKER.encode())
    chance, seen = random.Random(seed), {"refused at the start": 0, "refused at the read": 0, "no effect": 0, "changed": 0}
    changed = []
    for number in range(count):
        shutil.rmtree(daemon.state)
        shutil.copytree(whole, daemon.state)
        # Every other one meets what clients sent; the rest is spread over the whole file.
        offset = chance.choice(marks) + chance.randrange(60) if number % 2 else chance.randrange(os.path.getsize(path))
        bit = chance.randrange(8)
        surgery.flip(path, offset, bit)
        code = daemon.run_to_end()
        if code is not None:
            seen["refused at the start"] += 1
            if code != 65:
                changed.append(f"offset {offset} bit {bit}: exit {code} {daemon.said()[:80]}")
            continue
        found = everything(daemon, given)
        wrong = [key for key, value in found.items() if value is not None and value != truth[key]]
        # Executions that are left out of a list because they cannot be read are refused, not changed.
        wrong = [key for key in wrong if not subset(found[key], truth[key])]
        if wrong:
            seen["changed"] += 1
            changed.append(f"offset {offset} bit {bit}: {wrong[0][0][-60:]} {wrong[0][1]}")
        elif any(value is None for value in found.values()) or found != truth:
            seen["refused at the read"] += 1
        else:
            seen["no effect"] += 1
        if daemon.ended() is not None:
            changed.append(f"offset {offset} bit {bit}: ended with {daemon.ended()}")
        else:
            daemon.kill()
    run.check("no changed answer is served", not changed, f"{seen}; {changed[:3]}")
    run.check("damage is noticed", seen["refused at the start"] + seen["refused at the read"] >= count // 3, "")


def subset(found, truth):
    """Whether a list lacks elements of the true one and has no others."""
    if not isinstance(found, dict) or set(found) != set(truth):
        return False
    return all(
        value == truth[key] or isinstance(value, list) and all(item in truth[key] for item in value)
        for key, value in found.items())


@row("B8.flips", "20 times one bit of newel.db flipped, half of them in what clients sent; everything read",
     "an error or the true answer, never a changed one")
def flips(run):
    bit_flips(run, 20, 11)


@row("B8.flips-300", "the same 300 times", "an error or the true answer, never a changed one", long=True)
def many_flips(run):
    bit_flips(run, 300, 12)


COLUMNS = [
    ("executions", "status", "4"), ("executions", "name", "name || 'x'"), ("executions", "start_date", "start_date + 1"),
    ("executions", "stop_date", "stop_date - 1"), ("executions", "last_event_id", "last_event_id + 1"),
    ("executions", "revision", "revision + 1"), ("events", "last_id", "last_id + 1"),
    ("events", "body", "replace(body, 'client', 'Client')"), ("revisions", "definition", "replace(definition,'S1','S2')"),
    ("revisions", "role_arn", "role_arn || 'x'"), ("machines", "type", "'EXPRESS'"),
    ("machines", "creation_date", "creation_date + 1000"), ("activities", "name", "name || 'x'"),
    ("versions", "description", "'another'")]


@row("B8.columns", "one column of one table changed by SQLite, 14 times; everything read", "an error or the true answer")
def columns(run):
    daemon, machine, given = accepted(run, 6)
    client = Client(daemon)
    client.call("PublishStateMachineVersion", stateMachineArn=machine, description="a version")
    client.call("CreateActivity", name="an-activity")
    truth = everything(daemon, given)
    daemon.stop()
    whole, bad, noticed = os.path.join(run.folder, "whole"), [], 0
    shutil.copytree(daemon.state, whole)
    for table, column, value in COLUMNS:
        shutil.rmtree(daemon.state)
        shutil.copytree(whole, daemon.state)
        try:
            cast = f"CAST({value} AS BLOB)" if column == "body" else value
            if surgery.change(daemon.state, [(f"UPDATE {table} SET {column} = {cast}",)]) < 1:
                raise Broken(f"{table} has no row to damage")
        except surgery.sqlite3.IntegrityError as error:
            raise Broken(f"{table}.{column}: {error}") from error
        code = daemon.run_to_end()
        if code is not None:
            noticed += 1
            if code != 65:
                bad.append(f"{table}.{column}: exit {code}")
            continue
        found = everything(daemon, given)
        wrong = [key for key, answer in found.items() if answer is not None and not subset(answer, truth[key])]
        if wrong:
            bad.append(f"{table}.{column}: {wrong[0][0][-40:]} {wrong[0][1]} is changed")
        noticed += found != truth
        daemon.kill()
    run.check("no changed answer is served", not bad, f"{noticed} of {len(COLUMNS)} noticed; {bad[:4]}")


# ---- B4, full and failing disks (B9)


def settings_for(daemon_settings, free="16MiB", reserve="4MiB"):
    return [*daemon_settings, f"store.minimumFree={free}", f"store.reserve={reserve}"]


class Heartbeats:
    """Stands for systemd: receives what the daemon sends to NOTIFY_SOCKET."""

    def __init__(self, run, seconds=4):
        self.path = os.path.join(run.folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.times, self.messages = [], []
        self.environment = {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": str(seconds * 1_000_000)}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            text = self.socket.recv(4096).decode()
            self.messages.append(text)
            if "WATCHDOG=1" in text:
                self.times.append(time.monotonic())

    def gap(self, since):
        """The longest time between two heartbeats."""
        times = [since] + [t for t in self.times if t >= since] + [time.monotonic()]
        return max(b - a for a, b in zip(times, times[1:]))


@row("B9.minimum-free", "a tmpfs of 64 MiB filled below store.minimumFree (16 MiB) by another file, then emptied",
     "starts get 503, one log line; Waits end; /readyz 503; the watchdog is fed; all returns within 5 s; nothing lost")
def minimum_free(run):
    folder = run.tmpfs(64)
    beats = Heartbeats(run)
    daemon = run.daemon(*settings_for([]), starts=False, environment=beats.environment)
    daemon.state = os.path.join(folder, "state")
    daemon.start()
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    good = [start(client, machine, {"n": n}) for n in range(20)]
    waits = Waits(daemon, seconds=4)
    waits.start(10)
    began = time.monotonic()
    balloon = fill(folder, leave=2 << 20)
    time.sleep(2)
    answers = [client.call("StartExecution", stateMachineArn=machine)[0] for _ in range(20)]
    run.check("starts are refused with 503", set(answers) == {503}, f"starts {sorted(set(answers))}")
    ready, live = daemon.admin_status(), daemon.admin_status("/livez")
    run.check("/readyz fails, /livez does not", ready == 503 and live == 200, f"/readyz {ready}, /livez {live}")
    late = waits.lateness(15)
    run.check("running work ends", max(late) < 1, f"Waits {max(late):.2f} s late")
    reads = client.call("DescribeExecution", executionArn=good[0])[0]
    run.check("reads are answered", reads == 200)
    lines = daemon.words("(?i)disk|space|full")
    run.check("one log line says it", len(lines) == 1, f"{len(lines)} lines: {lines[0][:160] if lines else ''}")
    os.remove(balloon)
    back = time.monotonic()
    while client.call("StartExecution", stateMachineArn=machine)[0] != 200 and time.monotonic() - back < 12:
        time.sleep(0.1)
    took = time.monotonic() - back
    run.check("it returns within 5 s", took < 5, f"back after {took:.1f} s")
    time.sleep(0.5)
    run.check("/readyz is 200 again", daemon.admin_status() == 200)
    run.check("the watchdog was fed", beats.gap(began) < 4, f"longest gap {beats.gap(began):.1f} s")
    run.check("nothing is lost", lost(daemon, good) == 0)
    run.alive(daemon)


@row("B9.full", "a tmpfs of 24 MiB filled to the last byte under load; emptied after 4 s",
     "503 while it is full; same pid; on within 5 s; 0 acknowledged lost; then SIGKILL: still all there")
def full(run):
    folder = run.tmpfs(24)
    beats = Heartbeats(run)
    daemon = run.daemon(*settings_for([], "1MiB", "1MiB"), starts=False, environment=beats.environment)
    daemon.state = os.path.join(folder, "state")
    daemon.start()
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    waits = Waits(daemon, seconds=3)
    waits.start(5)
    prober = Prober(daemon, machine, rate=100, timeout=10, body=json.dumps({"x": "y" * 2000}))
    time.sleep(1)
    began = time.monotonic()
    balloon = fill(folder)
    time.sleep(4)
    ready = daemon.admin_status()
    alive = daemon.ended() is None
    os.remove(balloon)
    back = time.monotonic()
    count = len(prober.arns)
    while len(prober.arns) == count and time.monotonic() - back < 12 and daemon.ended() is None:
        time.sleep(0.05)
    took = time.monotonic() - back
    time.sleep(1)
    prober.stop()
    statuses = sorted({entry[1] for entry in prober.refused})
    run.check("it does not end", alive, f"/readyz {ready}, refused with {statuses}, {len(prober.arns)} accepted")
    if not run.alive(daemon):
        return
    run.check("starts get 503", statuses == [503], "")
    run.check("/readyz fails", ready == 503)
    run.check("it returns within 5 s", took < 5, f"back after {took:.1f} s")
    run.check("the watchdog was fed", beats.gap(began) < 4, f"longest gap {beats.gap(began):.1f} s")
    late = waits.lateness(15)
    run.check("the timers end", max(late) < 8, f"Waits {max(late):.1f} s late")
    run.check("nothing is lost", lost(daemon, prober.arns) == 0)
    daemon.kill()
    daemon.start()
    run.check("nothing is lost after SIGKILL", lost(daemon, prober.arns) == 0)


@row("B9.start-on-full", "a start on a tmpfs that is full to the last byte, with a store and without one; then space",
     "the listeners open, /readyz 503, starts 503; it serves within 5 s of there being space")
def start_on_full(run):
    folder = run.tmpfs(24)
    daemon = run.daemon(*settings_for([], "1MiB", "1MiB"), starts=False)
    daemon.state = os.path.join(folder, "state")
    daemon.start()
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    good = [start(client, machine) for _ in range(10)]
    waits = Waits(daemon, seconds=3)
    waits.start(3)
    daemon.kill()
    balloon = fill(folder)
    lives = Supervisor(daemon).until_ready(40, lives=4, ready_within=20)
    client = Client(daemon)
    status = client.call("StartExecution", stateMachineArn=machine)[0]
    reads = client.call("DescribeExecution", executionArn=good[0])[0]
    run.check("a supervised start opens its listeners", lives == 1, f"ready in life {lives}, start {status}, read {reads}, "
              f"/readyz {daemon.admin_status()}")
    run.check("starts are refused, reads answered", status == 503 and reads == 200)
    pid = daemon.process.pid
    os.remove(balloon)
    back = time.monotonic()
    while client.call("StartExecution", stateMachineArn=machine)[0] != 200 and time.monotonic() - back < 12:
        time.sleep(0.1)
    took = time.monotonic() - back
    run.check("it serves within 5 s of there being space", took < 5, f"back after {took:.1f} s")
    ends = {outcome(client, arn, 10)["status"] for arn in waits.arns}
    run.check("what waited ends", ends == {"SUCCEEDED"}, ends)
    run.check("nothing is lost", lost(daemon, good) == 0)
    run.alive(daemon, pid)


@row("B9.enospc-on-log", "ENOSPC at every write of newel.db-wal for 4 s (shim), then none",
     "503; same pid; one log line, counted; on within 5 s; 0 acknowledged lost")
def enospc_on_log(run):
    daemon = run.daemon(shim="newel.db")
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    waits = Waits(daemon, seconds=2)
    waits.start(5)
    prober = Prober(daemon, machine, rate=30, timeout=10)
    time.sleep(0.5)
    daemon.shim.write_errno = errno.ENOSPC
    time.sleep(4)
    if not daemon.shim.failed_calls:
        raise Broken("no write failed: the row proves nothing")
    ready, alive = daemon.admin_status(), daemon.ended() is None
    daemon.shim.write_errno = 0
    back, count = time.monotonic(), len(prober.arns)
    while len(prober.arns) == count and time.monotonic() - back < 12 and daemon.ended() is None:
        time.sleep(0.05)
    took = time.monotonic() - back
    prober.stop()
    run.check("it does not end", alive, f"{daemon.shim.failed_calls} writes failed, /readyz {ready}")
    if not run.alive(daemon):
        return
    run.check("/readyz fails meanwhile", ready == 503)
    run.check("refused with 503", {entry[1] for entry in prober.refused} == {503}, f"{len(prober.refused)} refused")
    run.check("it returns within 5 s", took < 5, f"back after {took:.1f} s")
    lines = daemon.words("(?i)disk|space|full")
    run.check("logged once", 1 <= len(lines) <= 2, f"{len(lines)} lines: {lines[0][:160] if lines else ''}")
    metrics = [pair for pair in daemon.metrics("commit|refus") if float(pair[1]) >= 1]
    run.check("counted", bool(metrics), metrics[:3])
    run.check("nothing is lost", lost(daemon, prober.arns) == 0, f"{len(prober.arns)} accepted")
    late = waits.lateness()
    run.check("timers end after it", max(late) < 8, f"Waits {max(late):.1f} s late")
    daemon.kill()
    daemon.start()
    run.check("nothing is lost after SIGKILL", lost(daemon, prober.arns) == 0)


def failing(run, switch, code, match):
    """Starts under load while calls fail; returns when the daemon has ended."""
    daemon = run.daemon(shim=match)
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    prober = Prober(daemon, machine, rate=100, timeout=5)
    time.sleep(1)
    setattr(daemon.shim, switch, code)
    ended = daemon.wait_for_end(10)
    took = time.monotonic() - daemon.shim.first_failure / 1e9
    prober.stop(10)
    if not daemon.shim.failed_calls:
        raise Broken("no call failed: the row proves nothing")
    run.check("it ends with 74", ended == 74, f"exit {ended} {took:.2f} s after the first failure, {len(prober.arns)} accepted")
    setattr(daemon.shim, switch, 0)
    Supervisor(daemon).until_ready(20, lives=2)
    run.check("nothing is lost", lost(daemon, prober.arns) == 0)


@row("B9.eio-fsync", "EIO at fsync of every file, under load", "exit 74 at once; 0 acknowledged lost; the next start serves")
def eio_fsync(run):
    failing(run, "sync_errno", errno.EIO, "")


@row("B9.eio-fsync-log", "EIO at fsync of newel.db-wal alone", "exit 74 at once; 0 acknowledged lost")
def eio_fsync_log(run):
    failing(run, "sync_errno", errno.EIO, "newel.db-wal")


@row("B9.eio-write", "EIO at every write of newel.db-wal", "exit 74 at once; 0 acknowledged lost")
def eio_write(run):
    failing(run, "write_errno", errno.EIO, "newel.db-wal")


@row("B9.enospc-fsync", "ENOSPC at fsync of newel.db-wal for 3 s", "503 or exit 74; 0 acknowledged lost")
def enospc_fsync(run):
    daemon = run.daemon(shim="newel.db-wal")
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    prober = Prober(daemon, machine, rate=50, timeout=5)
    time.sleep(1)
    daemon.shim.sync_errno = errno.ENOSPC
    code = daemon.wait_for_end(3)
    daemon.shim.sync_errno = 0
    prober.stop(10)
    if not daemon.shim.failed_calls:
        raise Broken("no call failed: the row proves nothing")
    run.check("it ends with 74 or lives", code in (None, 74), f"exit {code}, {len(prober.arns)} accepted")
    if daemon.ended() is None:
        daemon.kill()
    daemon.start()
    run.check("nothing is lost", lost(daemon, prober.arns) == 0)


@row("B9.slow-fsync", "every fsync takes 1 s for 8 s", "same pid; the watchdog is fed; Waits end; 0 lost")
def slow_fsync(run):
    beats = Heartbeats(run, 8)
    daemon = run.daemon(shim="", environment=beats.environment)
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    waits = Waits(daemon, seconds=3)
    waits.start(5)
    began = time.monotonic()
    daemon.shim.sync_microseconds = 1_000_000
    prober = Prober(daemon, machine, rate=10, clients=30, timeout=20)
    time.sleep(8)
    daemon.shim.sync_microseconds = 0
    worst = prober.stop()
    run.check("starts are answered", worst < 8 and not prober.refused, f"{len(prober.arns)} starts, at most {worst:.1f} s")
    run.check("the watchdog was fed", beats.gap(began) < 8, f"longest gap {beats.gap(began):.1f} s")
    late = waits.lateness()
    run.check("Waits end", max(late) < 4, f"{max(late):.1f} s late")
    run.alive(daemon)
    run.check("nothing is lost", lost(daemon, prober.arns) == 0)


@row("B19.readyz-reads", "EIO at every read of the database (shim)", "/readyz 503 within 10 s")
def readyz_reads(run):
    daemon = run.daemon("store.cache=1MiB", shim="newel.db")
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    for number in range(300):
        start(client, machine, {"x": "y" * 10_000})
    run.check("ready before", daemon.admin_status() == 200)
    daemon.shim.read_errno = errno.EIO
    end, status = time.monotonic() + 10, 200
    while time.monotonic() < end and status == 200:
        list_status = client.call("ListExecutions", stateMachineArn=machine, maxResults=1000)[0]
        status = daemon.admin_status()
        time.sleep(0.2)
        if daemon.ended() is not None:
            break
    if not daemon.shim.failed_calls:
        raise Broken("no read failed: the row proves nothing")
    run.check("/readyz fails or the process ends with 74", status == 503 or daemon.ended() == 74,
              f"/readyz {status}, ListExecutions {list_status}, {daemon.shim.failed_calls} reads failed")


@row("B9.tmp-files", "the recipe move on a full tmpfs (its own database), space after 4 s",
     "the move is retried and succeeds; same pid")
def move_on_full(run):
    folder = run.tmpfs(24)
    daemon = run.daemon(*settings_for([], "1MiB", "1MiB"), starts=False, gateway=True)
    daemon.state = os.path.join(folder, "state")
    daemon.start()
    client = Client(daemon)
    status, body = client.knock("POST", "/recipes/1/move", {"user_id": 2})
    run.check("a move succeeds before", status == 202 and outcome(client, body["executionArn"])["status"] == "SUCCEEDED")
    delayed = create(client, "later", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2, "Next": "M"}, "M": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:update-recipe", "End": True,
        "Parameters": {"id": 2, "user_id": 3, "token.$": "$$.Execution.Id"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1.1}]}}})
    arn = start(client, delayed)
    balloon = fill(folder)
    time.sleep(4)
    alive = daemon.ended() is None
    os.remove(balloon)
    run.check("the daemon lives on a full disk", alive, daemon.said() if not alive else "")
    if alive:
        described = outcome(client, arn, 20)
        run.check("the move succeeds when there is space", described["status"] == "SUCCEEDED", error_of(described))
    run.alive(daemon)


# ---- B5, file modes (B15)


@row("B15.modes", "a daemon under umask 000 with execution log files; then files and folder loosened by hand, restart",
     "files 0600, folders 0700, both times")
def modes(run):
    daemon = run.daemon("executionLog.folder=executions", umask=0, gateway=True)
    client = Client(daemon)
    logging = {"level": "ALL", "includeExecutionData": True, "destinations": [{"cloudWatchLogsLogGroup": {
        "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:/a/b:*"}}]}
    machine = create(client, "m", PASS, loggingConfiguration=logging)
    start(client, machine)
    client.knock("POST", "/recipes/1/move", {"user_id": 2})
    time.sleep(1)

    def loose():
        found = []
        for base, folders, files in os.walk(daemon.state):
            for name in files:
                mode = stat.S_IMODE(os.lstat(os.path.join(base, name)).st_mode)
                found += [f"{name} {mode:o}"] if mode & 0o077 else []
            for name in folders + ([""] if base == daemon.state else []):
                mode = stat.S_IMODE(os.stat(os.path.join(base, name)).st_mode)
                found += [f"{name or 'folder'}/ {mode:o}"] if mode & 0o077 else []
        return found

    names = [os.path.basename(path) for path in files_of(daemon.state)]
    run.check("the files are there", {"newel.db", "recipes.db", "search.db", "newel.secret"} <= set(names) and any(
        name.endswith(".log") for name in names), names)
    run.check("none is readable by others", not loose(), f"loose: {loose()}")
    daemon.stop()
    for path in files_of(daemon.state):
        os.chmod(path, 0o666)
    os.chmod(daemon.state, 0o755)
    daemon.start()
    start(Client(daemon), machine)
    Client(daemon).knock("POST", "/recipes/1/move", {"user_id": 1})
    time.sleep(1)
    run.check("existing ones are corrected", not loose(), f"after a restart: {loose()}")
    run.alive(daemon)
