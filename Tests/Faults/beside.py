#!/usr/bin/env python3
# What a fault costs others: each of B1-B5, B11 and B12 runs or is stored while 20 P1 a second are started beside it.
#
#   Tests/Faults/beside.py NEWEL [FAULT…] [--seconds 60] [--rate 20]
#
# Use a release build on a machine with nothing else to do. For each fault: the 99th percentile of StartExecution's
# answers, from the moment each was due, stays below 100 ms, other executions' timers are at most 250 ms late, RSS stays
# below 512 MiB, and the daemon's pid is the same. The last line is `N passed, N failed`.
import argparse
import http.client
import os
import sys
import tempfile
import threading
import time

import surgery
from rows_evaluation import MEMORY_BOMBS, nested, time_bombs
from rows_process import damaged
from trial import (
    PASS, Broken, Client, Prober, Trial, Waits, after_wait, build_shim, create, expression_state, find_newel, jsonata, outcome,
    start, test_state)

MOST_P99, MOST_LATE, MOST_MEBIBYTES = 0.100, 0.250, 512


def forever(stop, *jobs):
    """Runs each job again and again, each in a thread of its own, until `stop` is set."""

    def again(job):
        while not stop.is_set():
            try:
                job()
            except Exception:
                # A refusal is an answer: the measurement shows what it cost.
                stop.wait(0.2)

    for job in jobs:
        threading.Thread(target=again, args=(job,), daemon=True).start()


def executions(daemon, machine, value=None):
    """A job that starts an execution and waits for its end."""

    def job():
        client = Client(daemon, 120)
        outcome(client, start(client, machine, value), 120)

    return job


def plain(run):
    return run.daemon()


def nothing(daemon, stop):
    """Runs nothing: what the figures are alone."""


def arithmetic(daemon, stop):
    definition = {
        "QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {
            "Type": "Map", "Items": "{% [0..$states.input.last] %}", "ItemProcessor": PASS, "End": True}}}
    machine = create(Client(daemon), "ends", after_wait(definition))
    local = threading.local()

    def ends():
        local.client = getattr(local, "client", None) or Client(daemon)
        for text in ("[0..9223372036854775807]", "(-9223372036854775808)%-1", "(-9223372036854775808)/-1"):
            test_state(local.client, expression_state(text))

    forever(stop, executions(daemon, machine, {"last": 2**63 - 1}), ends)


def memory(daemon, stop):
    client = Client(daemon)
    machines = [create(client, f"memory{n}", after_wait(jsonata(text))) for n, text in enumerate(MEMORY_BOMBS.values())]
    forever(stop, *[executions(daemon, machine) for machine in machines[:6]])


def time_budgets(daemon, stop):
    client = Client(daemon)
    jobs = []
    for number, (_, _, definition, value) in enumerate(time_bombs()):
        if number < 6:
            jobs.append(executions(daemon, create(client, f"time{number}", definition), value))
    forever(stop, *jobs)


def floods(daemon, stop):
    client = Client(daemon)
    start(client, create(client, "bomb", nested("bomb", 2)))


def stored_rows(run):
    daemon, _, _, _ = damaged(run, 600, lambda state, names: surgery.cut_events(state, names, 5), together=0)
    daemon.start()
    return daemon


def callers(daemon, stop):
    state = expression_state("($f := function($n) { $f($n + 1) }; $f(0))")
    local = threading.local()

    def call():
        local.client = getattr(local, "client", None) or Client(daemon, 60)
        status, body = test_state(local.client, state)
        if "Throttling" in str(body.get("__type")):
            stop.wait(0.05)

    forever(stop, *[call] * 16)


def map_outputs(daemon, stop):
    inner = {"StartAt": "I", "States": {"I": {
        "Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $pad('',250000,'x') %}", "End": True}}}
    machine = create(Client(daemon), "map", {"QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {
        "Type": "Map", "Items": "{% [1..4000] %}", "ItemProcessor": inner, "Output": 1, "End": True}}})
    forever(stop, executions(daemon, machine))


FAULTS = {
    "alone": ("nothing beside", plain, nothing),
    "B1": ("numbers at the ends of Int64", plain, arithmetic),
    "B2": ("six expressions whose value shares its parts", plain, memory),
    "B3": ("six JSONPath states without an end", plain, time_budgets),
    "B4": ("a machine that starts itself twice", plain, floods),
    "B5": ("600 damaged rows in the store", stored_rows, nothing),
    "B11": ("16 callers of TestState with an endless function", plain, callers),
    "B12": ("Map of 4,000 with 250 KB of output each", plain, map_outputs),
}


def measure(run, prepare, disturb, options):
    """Returns the figures of one fault and what is out of bounds."""
    daemon = prepare(run)
    client, pid = Client(daemon), daemon.process.pid
    machine = create(client, "beside-p1", PASS)
    waits = Waits(daemon, "beside-waits", 2)
    stop, peak = threading.Event(), 0.0
    disturb(daemon, stop)
    time.sleep(1)
    prober = Prober(daemon, machine, options.rate, clients=100, timeout=60)
    end, number = time.monotonic() + options.seconds, 0

    def start_waits():
        for _ in range(int(2 * options.seconds) - 6):
            if stop.wait(0.5):
                return
            try:
                waits.start()
            except (OSError, Broken, http.client.HTTPException):
                # What is refused shows in the figures of P1.
                pass

    starter = threading.Thread(target=start_waits, daemon=True)
    starter.start()
    while time.monotonic() < end and daemon.ended() is None:
        time.sleep(0.1)
        peak = max(peak, daemon.memory())
    worst = prober.stop(60)
    stop.set()
    starter.join(60)
    number = len(prober.times) + len(prober.refused)
    late = max(waits.lateness(30), default=float("inf")) if daemon.ended() is None else float("inf")
    p50, p99 = prober.percentile(0.5), prober.percentile(0.99)
    same = daemon.ended() is None and daemon.process.pid == pid
    bounds = {
        "p99": p99 < MOST_P99, "refused": not prober.refused, "timers": late < MOST_LATE, "RSS": peak < MOST_MEBIBYTES,
        "pid": same, "count": number >= 0.95 * options.rate * options.seconds}
    figures = (f"{number} starts, p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, slowest {worst * 1000:.0f} ms, "
               f"{len(prober.refused)} refused; {len(waits.arns)} timers, at most {late * 1000:.0f} ms late; "
               f"RSS at most {peak:.0f} MiB; pid {'the same' if same else 'GONE: ' + daemon.said()[:100]}")
    return figures, [name for name, holds in bounds.items() if not holds]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("newel")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=" ".join(FAULTS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20)
    options = parser.parse_intermixed_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="newel-shim-") as folder:
        shim = build_shim(folder)
        for name, (title, prepare, disturb) in FAULTS.items():
            if options.faults and name not in options.faults:
                continue
            run = Trial(find_newel(options.newel), shim, 1)
            try:
                figures, wrong = measure(run, prepare, disturb, options)
            except Exception as error:
                figures, wrong = f"{type(error).__name__}: {error}"[:300], ["no figures"]
            finally:
                run.close(False)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f"{'ok  ' if not wrong else 'FAIL'} {name:5} {title}: {figures}" +
                  (f"; out of bounds: {', '.join(wrong)}" if wrong else ""), flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.stdout.flush()
    os._exit(1 if failed else 0)


if __name__ == "__main__":
    main()
