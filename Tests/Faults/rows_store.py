# Faults of the store: numbers, logs, removed files, flipped bits, full and failing disks, secrets (B1-B5 of the issue).
import os
import random
import re
import shutil
import signal
import time

import surgery
from trial import PASS, Broken, Client, Prober, Supervisor, create, history, outcome, row, start

MARKER = "this text is what the client sent"


def accepted(run, count=40, gateway=False, **options):
    """A daemon with so many executions that ended, their ARNs and what they were given."""
    daemon = run.daemon(gateway=gateway, **options)
    client = Client(daemon)
    machine = create(client, "p1", PASS)
    given = {}
    for number in range(count):
        value = {"n": number, "text": f"{MARKER} {number}"}
        given[start(client, machine, value, name=f"e{number}")] = value
    for arn in given:
        outcome(client, arn)
    return daemon, machine, given


def lost(daemon, given):
    """How many of the accepted executions the daemon does not know any more."""
    client = Client(daemon)
    return sum(client.call("DescribeExecution", executionArn=arn)[0] != 200 for arn in given)


def refused_with(run, daemon, words, what):
    """A start is refused with 65 and words; systemd would not repeat it."""
    code = daemon.run_to_end()
    run.check(f"{what}: the start is refused with 65", code == 65, f"{what}: exit {code}, {daemon.said()[:160]}")
    if code is None:
        return False
    text = "\n".join(list(daemon.log)[-6:])
    run.check(f"{what}: the words name the file", re.search(words, text), "")
    return code == 65


def accepts_loss(run, daemon, what):
    """`--accept-loss` starts once; afterwards a normal start works."""
    daemon.extra = ["--accept-loss"]
    daemon.start()
    run.check(f"{what}: it serves with --accept-loss", daemon.admin_status() == 200)
    client = Client(daemon)
    listed = client.call("ListStateMachines")[0]
    run.check(f"{what}: the API answers", listed == 200, "")
    run.check(f"{what}: SIGTERM ends it well", daemon.stop() == 0)
    daemon.extra = []
    daemon.start()
    run.check(f"{what}: the next start needs no flag", daemon.admin_status() == 200)


# ---- B1, numbers


@row("B1.two-to-31", "the number of the newest execution set to 2^31 - 3; 20 starts, restart, 20 starts",
     "all succeed, before and after")
def two_to_31(run):
    daemon, machine, given = accepted(run, 3)
    daemon.stop()
    surgery.renumber(daemon.state, "e2", 2**31 - 3)
    daemon.start()
    run.check("what was there is there", lost(daemon, given) == 0)
    client = Client(daemon)
    for life in (1, 2):
        arns = []
        for number in range(20):
            status, body = client.call("StartExecution", stateMachineArn=machine, name=f"n{life}-{number}")
            arns.append(body.get("executionArn") if status == 200 else None)
        ends = [arn and outcome(client, arn, 5)["status"] for arn in arns]
        run.check(f"20 starts succeed in life {life}", ends == ["SUCCEEDED"] * 20,
                  f"life {life}: {ends.count('SUCCEEDED')} of 20")
        daemon.stop()
        run.see(f"highest number {surgery.highest_number(daemon.state)}")
        daemon.start()
        client = Client(daemon)
    run.alive(daemon)


@row("B1.new-end", "the number of the newest execution set 6 below the end of the key; 20 starts",
     "it says at the start how much is left; starts beyond the end are refused with words in the log; others serve")
def new_end(run):
    daemon, machine, given = accepted(run, 3)
    daemon.stop()
    if surgery.schema(daemon.state) < 4:
        raise Broken("the key is still that of schema 3, which ends at 2^31")
    surgery.renumber(daemon.state, "e2", 2**43 - 1 - 6)
    count = len(daemon.lines)
    daemon.start()
    lines = [line for line in list(daemon.lines)[count:] if re.search(
        "(?i)(execution|number|start).*(left|remain)|(left|remain).*(execution|number|start)", line)]
    run.check("the start says how much is left", bool(lines), lines[0][:200] if lines else "nothing said")
    client = Client(daemon)
    answers = [client.call("StartExecution", stateMachineArn=machine, name=f"n{n}") for n in range(20)]
    good = [body["executionArn"] for status, body in answers if status == 200]
    run.check("what fits is started", 1 <= len(good) <= 6, f"{len(good)} of 20 started")
    run.check("the others are refused", all(status in (400, 503) for status, _ in answers if status != 200), "")
    lines = daemon.words("(?i)no .*(number|execution)|number.*(used|exhaust|end)|exhausted")
    run.check("a refusal is logged with words", bool(lines), lines[-1][:200] if lines else "nothing logged")
    run.check("what ran is there", lost(daemon, list(given) + good) == 0)
    run.alive(daemon)


# ---- B2, the log (B6)


def with_log(run, count=120):
    """300 acknowledged executions, most of them in the log alone; the daemon killed."""
    daemon, machine, given = accepted(run, count)
    daemon.kill()
    log = daemon.path("newel.db-wal")
    if not os.path.exists(log) or os.path.getsize(log) < 40_000:
        raise Broken("there is no log to damage: the row proves nothing")
    return daemon, machine, given, log


LOG_DAMAGE = {
    "empty": ("cut to nothing", lambda log, chance: surgery.truncate(log, size=0)),
    "header": ("its header overwritten", lambda log, chance: _write(log, 0, bytes(32))),
    "header-bit": ("one bit of its header flipped", lambda log, chance: surgery.flip(log, 17, 3)),
    "half": ("cut to half", lambda log, chance: surgery.truncate(log, share=0.5)),
    "frame": ("cut by its last 3 frames", lambda log, chance: surgery.truncate(
        log, size=os.path.getsize(log) - 3 * surgery.frames(log)[1])),
    "last-byte": ("cut by one byte", lambda log, chance: surgery.truncate(log, size=os.path.getsize(log) - 1)),
    "bit": ("one bit in the middle flipped", lambda log, chance: surgery.flip(log, os.path.getsize(log) // 2, 5)),
    "early-bit": ("one bit of its third frame flipped",
                  lambda log, chance: surgery.flip(log, 32 + 2 * surgery.frames(log)[1] + 900, 1)),
    "last-frame": ("one bit of its last frame flipped",
                   lambda log, chance: surgery.flip(log, os.path.getsize(log) - 700, 2)),
    "zeros": ("4 KiB of zeros in it", lambda log, chance: _write(log, os.path.getsize(log) // 3, bytes(4096))),
    "missing": ("removed", lambda log, chance: os.remove(log)),
}


def _write(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def damaged_log(run, what, damage):
    daemon, _, given, log = with_log(run)
    damage(log, random.Random(1))
    code = daemon.run_to_end()
    if code is None:
        missing = lost(daemon, given)
        # A log that is longer than what was written last may lose bytes that no commit needs.
        run.check("no acknowledged execution is lost without a word", missing == 0 and what == "last-byte",
                  f"it starts; {missing} of {len(given)} lost")
        return
    run.check("the start is refused with 65", code == 65, f"exit {code}: {daemon.said()[:200]}")
    run.check("the words say what is lost", re.search("newel.db-wal", "\n".join(daemon.log)))
    shutil.copytree(daemon.state, os.path.join(run.folder, "kept"), ignore=shutil.ignore_patterns("*.sock"))
    run.check("a second start is refused too", daemon.run_to_end() == 65)
    accepts_loss(run, daemon, "afterwards")
    run.see(f"{lost(daemon, given)} of {len(given)} lost with --accept-loss")
    run.alive(daemon)


for _name, (_title, _damage) in LOG_DAMAGE.items():
    row(f"B6.{_name}", f"120 acknowledged, SIGKILL, newel.db-wal {_title}",
        "refused with 65 and words; --accept-loss goes on once; or nothing is lost")(
            lambda run, n=_name, d=_damage: damaged_log(run, n, d))


@row("B6.whole", "120 acknowledged, SIGKILL, nothing damaged; started with and without --accept-loss", "nothing is lost")
def whole_log(run):
    daemon, _, given, _ = with_log(run)
    daemon.extra = ["--accept-loss"]
    daemon.start()
    run.check("nothing is lost with the flag", lost(daemon, given) == 0)
    daemon.kill()
    daemon.extra = []
    daemon.start()
    run.check("nothing is lost without it", lost(daemon, given) == 0, f"{len(given)} there")
    run.alive(daemon)


@row("B6.many-cuts", "the log cut at 60 places after SIGKILL", "each start is refused or loses nothing", long=True)
def many_cuts(run):
    daemon, _, given, log = with_log(run)
    kept = os.path.join(run.folder, "kept")
    shutil.copytree(daemon.state, kept, ignore=shutil.ignore_patterns("*.sock"))
    chance, refused, bad = random.Random(9), 0, []
    for _ in range(60):
        shutil.rmtree(daemon.state)
        shutil.copytree(kept, daemon.state)
        size = chance.randrange(os.path.getsize(log))
        surgery.truncate(log, size=size)
        code = daemon.run_to_end()
        refused += code == 65
        if code is None:
            if lost(daemon, given):
                bad.append(size)
            daemon.kill()
        elif code != 65:
            bad.append((size, code))
    run.check("none loses silently", not bad, f"{refused} of 60 refused, bad: {bad[:4]}")


# ---- B2, files removed under the running daemon (B7)


def removed(run, what, remove, gateway=False, expected=(74,)):
    daemon, machine, given = accepted(run, 20, gateway=gateway)
    prober = Prober(daemon, machine, rate=20, timeout=3)
    time.sleep(0.5)
    before = len(prober.arns)
    began = time.monotonic()
    remove(daemon)
    code = daemon.wait_for_end(8)
    took = time.monotonic() - began
    prober.stop(5)
    run.check("the daemon ends with 74 within two seconds", code in expected and took < 2.5,
              f"exit {code} after {took:.1f} s, {len(prober.arns) - before} starts acknowledged after it")
    if code is None:
        run.see(f"/readyz {daemon.admin_status()}")
        return
    lines = daemon.words("(?i)removed|replaced|missing|gone|moved|no longer")
    run.check("words say what happened", bool(lines), lines[-1][:200] if lines else daemon.said())


@row("B7.database", "newel.db and newel.db-wal removed under the running daemon", "exit 74 within a second, with words")
def database_removed(run):
    removed(run, "newel.db", lambda d: [os.remove(d.path(n)) for n in ("newel.db", "newel.db-wal")])


@row("B7.database-alone", "newel.db removed under the running daemon", "exit 74 within a second, with words")
def database_alone(run):
    removed(run, "newel.db", lambda d: os.remove(d.path("newel.db")))


@row("B7.log", "newel.db-wal removed under the running daemon", "exit 74 within a second, with words")
def log_removed(run):
    removed(run, "newel.db-wal", lambda d: os.remove(d.path("newel.db-wal")))


@row("B7.replaced", "newel.db replaced by a copy of itself (rename)", "exit 74 within a second, with words")
def database_replaced(run):
    def replace(daemon):
        shutil.copy(daemon.path("newel.db"), daemon.path("copy"))
        os.rename(daemon.path("copy"), daemon.path("newel.db"))
    removed(run, "newel.db", replace)


@row("B7.folder", "the state folder renamed, and a new empty one in its place", "exit 74 within a second, with words")
def folder_moved(run):
    def move(daemon):
        os.rename(daemon.state, daemon.state + "-moved")
        os.mkdir(daemon.state)
    removed(run, "the folder", move)


@row("B7.folder-removed", "the state folder removed with all files", "exit 74 within a second, with words")
def folder_removed(run):
    removed(run, "the folder", lambda d: shutil.rmtree(d.state))


@row("B7.lock", "newel.lock removed under the running daemon; a second daemon on the folder",
     "the first ends with 74; never two at once")
def lock_removed(run):
    removed(run, "newel.lock", lambda d: os.remove(d.path("newel.lock")))


@row("B7.recipes", "recipes.db removed under the running daemon", "exit 74 within a second, with words")
def recipes_removed(run):
    removed(run, "recipes.db", lambda d: os.remove(d.path("recipes.db")), gateway=True)


@row("B7.search", "search.db replaced by an empty file (rename)", "exit 74 within a second, with words")
def search_replaced(run):
    def replace(daemon):
        open(daemon.path("empty"), "w", encoding="utf8").close()
        os.rename(daemon.path("empty"), daemon.path("search.db"))
    removed(run, "search.db", replace, gateway=True)


@row("B7.missing-database", "newel.db and its log removed after SIGTERM, newel.lock left",
     "refused with 65; --accept-loss makes a new store once")
def missing_database(run):
    daemon, _, _ = accepted(run, 5)
    daemon.stop()
    for name in ("newel.db", "newel.db-wal", "newel.db-shm"):
        if os.path.exists(daemon.path(name)):
            os.remove(daemon.path(name))
    if refused_with(run, daemon, "newel.db", "database missing"):
        accepts_loss(run, daemon, "afterwards")


@row("B7.empty-database", "newel.db cut to nothing after SIGTERM", "refused with 65 and words")
def empty_database(run):
    daemon, _, _ = accepted(run, 5)
    daemon.stop()
    surgery.truncate(daemon.path("newel.db"), size=0)
    refused_with(run, daemon, "newel.db", "database empty")


@row("B7.cut-database", "newel.db cut to half after SIGTERM; its header damaged", "refused with 65 and words")
def cut_database(run):
    daemon, _, _ = accepted(run, 60)
    daemon.stop()
    shutil.copy(daemon.path("newel.db"), os.path.join(run.folder, "whole"))
    surgery.truncate(daemon.path("newel.db"), share=0.5)
    refused_with(run, daemon, "newel.db|store", "cut to half")
    if daemon.ended() is None:
        daemon.kill()
    shutil.copy(os.path.join(run.folder, "whole"), daemon.path("newel.db"))
    _write(daemon.path("newel.db"), 0, b"nothing like SQLite")
    refused_with(run, daemon, "newel.db|store", "header damaged")


@row("B7.supervised", "a supervisor on a store whose database is missing", "one start, exit 65, no second")
def supervised_65(run):
    daemon, _, _ = accepted(run, 5)
    daemon.stop()
    os.remove(daemon.path("newel.db"))
    supervisor = Supervisor(daemon)
    try:
        supervisor.until_ready(10)
        run.check("it does not become ready", False, "it became ready on nothing")
    except Broken as error:
        run.check("one start with 65", supervisor.codes == [65], str(error)[:160])


# ---- B2, the secret (B10)


@row("B10.secret", "newel.secret emptied, cut, removed, made longer and with one wrong digit in a used store",
     "refused with 65 and words about task tokens; --accept-loss goes on once")
def secret(run):
    daemon, _, _ = accepted(run, 5)
    daemon.stop()
    path = daemon.path("newel.secret")
    with open(path, "rb") as file:
        text = file.read()
    digit = (b"1" if text[7:8] == b"2" else b"2")
    wrong = text[:7] + digit + text[8:]
    for what, damage in (("empty", b""), ("cut", text[:20]), ("missing", None), ("longer", text + b"00"), ("wrong", wrong)):
        if damage is None:
            os.remove(path)
        else:
            _replace(path, damage)
        if not refused_with(run, daemon, "newel.secret", what) and daemon.ended() is None:
            daemon.stop()
        _replace(path, text)
    daemon.start()
    run.check("the true secret serves", daemon.admin_status() == 200)
    daemon.stop()
    os.remove(path)
    accepts_loss(run, daemon, "secret removed")
    run.alive(daemon)


def _replace(path, text):
    with open(path, "wb") as file:
        file.write(text)
    os.chmod(path, 0o600)


@row("B10.first-start", "an empty newel.secret in a folder that no store was ever in", "made new; the daemon is ready")
def first_secret(run):
    daemon = run.daemon(starts=False)
    os.mkdir(daemon.state, 0o700)
    _replace(daemon.path("newel.secret"), b"")
    daemon.start()
    run.check("a secret was made", os.path.getsize(daemon.path("newel.secret")) == 72, "")
    run.alive(daemon)


@row("B10.tokens", "a task token taken before SIGKILL and a restart", "it works: the secret is on the disk")
def tokens(run):
    daemon = run.daemon(shim="")
    client = Client(daemon)
    activity = client.call("CreateActivity", name="a")[1]["activityArn"]
    machine = create(client, "m", {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}})
    arn = start(client, machine)
    token = client.call("GetActivityTask", activityArn=activity)[1]["taskToken"]
    daemon.kill()
    daemon.start()
    client = Client(daemon)
    status, _ = client.call("SendTaskSuccess", taskToken=token, output="{}")
    run.check("the token works", status == 200 and outcome(client, arn)["status"] == "SUCCEEDED", status)


@row("B2.sigkill-under-load", "SIGKILL ten times under load", "0 acknowledged lost; every start is ready")
def sigkill(run):
    daemon = run.daemon()
    machine = create(Client(daemon), "p1", PASS)
    arns = []
    for _ in range(10):
        prober = Prober(daemon, machine, rate=150, clients=4, timeout=5)
        time.sleep(0.4)
        daemon.process.send_signal(signal.SIGKILL)
        prober.stop(8)
        daemon.process.wait()
        arns += prober.arns
        daemon.start()
    run.check("nothing is lost", lost(daemon, arns) == 0, f"{len(arns)} accepted")
    client = Client(daemon)
    run.check("histories are whole", all(
        [event["id"] for event in history(client, arn)] == list(range(1, 5)) for arn in arns[:50]))


