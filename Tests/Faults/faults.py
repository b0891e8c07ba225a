# Injects each fault of the table into a `newel serve` process and compares what happens with what is promised.
#
#   Tests/Faults/run [NEWEL] [NAME-PREFIX…] [--all] [--list] [--jobs N] [--keep]
#   Tests/Faults/run [NEWEL] --supervise FOLDER      starts on a state folder as the unit would, until one start is ready
import argparse
import http.client
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback

from trial import ROWS, Broken, DaemonError, FaultyDaemon, NotRun, Supervisor, Trial, build_shim, find_newel
import rows_arithmetic  # noqa: F401
import rows_disk  # noqa: F401
import rows_evaluation  # noqa: F401
import rows_gateway  # noqa: F401
import rows_process  # noqa: F401
import rows_store  # noqa: F401

# A row that takes longer has failed.
MOST_SECONDS, MOST_SECONDS_LONG = 200, 900
# Some CPU work, and how long a release build takes for it on a machine with nothing else to do.
WORK, WORK_SECONDS = "$sum([1..300000].($ * 2))", 0.07


def slowness(binary):
    """How many times longer than a release build on an idle machine an evaluation takes here, 1 to 60."""

    def took(expression):
        began = time.monotonic()
        subprocess.run([binary, "eval", expression], capture_output=True, timeout=300, check=False)
        return time.monotonic() - began

    return min(60.0, max(1.0, (took(WORK) - took("1")) / WORK_SECONDS))


def run_row(row, binary, shim, slow, keep, results):
    """In a process of its own: runs one row and reports."""
    os.setsid()
    began, trial = time.monotonic(), Trial(binary, shim, slow)
    outcome, folders = "passed", []
    try:
        row.run(trial)
        if not trial.checks:
            trial.problems.append("the row checked nothing")
    except NotRun as error:
        outcome = "not run"
        trial.see(error)
    except (Broken, DaemonError) as error:
        trial.problems.append(str(error))
    except (OSError, http.client.HTTPException) as error:
        trial.problems.append(f"no answer: {error!r}" + "".join(
            f"; the daemon ended with {daemon.ended()}: {daemon.said()}" for daemon in trial.daemons
            if daemon.process is not None and daemon.ended() is not None))
    except Exception:
        trial.problems.append(traceback.format_exc(limit=-4))
    if trial.problems:
        outcome = "failed"
    logs = [list(daemon.lines)[-12:] for daemon in trial.daemons]
    try:
        folders = trial.close(keep and outcome == "failed")
    finally:
        results.put((outcome, time.monotonic() - began, trial.seen, trial.problems, logs, folders))


def supervise_row(row, *arguments):
    """Runs a row in a process of its own and ends that when its time is over."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    process = context.Process(target=run_row, args=(row, *arguments, results))
    process.start()
    limit = MOST_SECONDS_LONG if row.long else MOST_SECONDS
    try:
        result = results.get(timeout=limit)
        process.join(20)
    except Exception:
        result = ("failed", float(limit), [], [f"the row did not end within {limit} s"], [], [])
    if process.is_alive():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()
        process.join()
    return result


def show(row, result, verbose):
    outcome, seconds, seen, problems, logs, folders = result
    mark = {"passed": "ok     ", "failed": "FAILED ", "not run": "NOT RUN"}[outcome]
    lines = [f"{mark} {row.name}  ({seconds:.1f} s)"]
    parts = [("done", row.done), ("promised", row.promised), ("seen", "; ".join(seen) or "-")]
    for title, text in parts:
        lines += textwrap.wrap(
            text[:1200], 118, initial_indent=f"        {title:9} ", subsequent_indent=" " * 18)
    for problem in problems:
        lines.append("        BROKEN    " + problem[:2000].replace("\n", "\n                  "))
    if problems:
        lines += [f"                  log: {line[:240]}" for log in logs for line in log[-3:]] if verbose else []
        lines += [f"                  kept: {folder}" for folder in folders]
    return "\n".join(lines)


def in_parallel(rows, jobs, arguments, verbose):
    """Runs the rows, so many at once; those that want to be alone come last. Returns the outcome of each."""
    outcomes, lock = {}, threading.Lock()

    def work(waiting):
        while True:
            with lock:
                if not waiting:
                    return
                row = waiting.pop(0)
            result = supervise_row(row, *arguments)
            with lock:
                outcomes[row.name] = result[0]
                print(show(row, result, verbose), flush=True)

    for waiting, width in (([r for r in rows if not r.alone], jobs), ([r for r in rows if r.alone], 1)):
        threads = [threading.Thread(target=work, args=(waiting,)) for _ in range(width)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcomes


def supervise(binary, folder):
    """Starts on the folder until a start is ready; 0 when one was."""
    daemon = FaultyDaemon(binary)
    daemon.state = os.path.abspath(folder)
    supervisor = Supervisor(daemon)
    try:
        lives = supervisor.until_ready()
        print(f"ready in life {lives}; the ends before it: {supervisor.codes}")
        print(f"SIGTERM: {daemon.stop()}")
        return 0
    except Broken as error:
        print(f"NOT READY: {error}")
        return 1


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, epilog="Last line: N passed, N failed.")
    parser.add_argument("words", nargs="*", metavar="NEWEL or NAME-PREFIX")
    parser.add_argument("--all", action="store_true", help="the long rows too")
    parser.add_argument("--list", action="store_true", help="print the table and run nothing")
    parser.add_argument("--jobs", type=int, default=4, help="rows at once (4)")
    parser.add_argument("--keep", action="store_true", help="keep the folders of rows that fail")
    parser.add_argument("--quiet", action="store_true", help="no logs of rows that fail")
    parser.add_argument("--supervise", metavar="FOLDER", help="start on this state folder as systemd would")
    options = parser.parse_args()
    options.newel, options.prefixes = None, options.words
    if options.words and "/" in options.words[0]:
        options.newel, options.prefixes = options.words[0], options.words[1:]
    return options


def main():
    options = arguments()
    named = [row for row in ROWS if not options.prefixes or row.name.startswith(tuple(options.prefixes))]
    rows = [row for row in named if options.all or options.prefixes or not row.long]
    if options.list:
        for row in named:
            print(f"{row.name:28} {'long ' if row.long else ''}{row.done} => {row.promised}")
        return 0
    binary = find_newel(options.newel)
    if options.supervise:
        return supervise(binary, options.supervise)
    with tempfile.TemporaryDirectory(prefix="newel-shim-") as folder:
        shim, slow = build_shim(folder), slowness(binary)
        print(f"{len(rows)} faults of {len(ROWS)}; this build on this machine is {slow:.1f} times slower than a release "
              "build on an idle one", flush=True)
        began = time.monotonic()
        outcomes = in_parallel(rows, options.jobs, (binary, shim, slow, options.keep), not options.quiet)
    counts = {kind: sum(o == kind for o in outcomes.values()) for kind in ("passed", "failed", "not run")}
    print(f"{len(outcomes)} faults in {time.monotonic() - began:.0f} s")
    if counts["failed"]:
        print("Failed: " + " ".join(sorted(name for name, o in outcomes.items() if o == "failed")))
    if counts["not run"]:
        print("NOT RUN: " + " ".join(sorted(name for name, o in outcomes.items() if o == "not run")))
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
