# What hostile JSONata expressions can do: how each ends, in what time and memory, and what that costs other executions.
#
#   hostile.py NEWEL BENCH [--rounds 3]      BENCH: the load tool, bench.py
import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Smoke"))
from daemon import Client, Daemon, find_newel  # noqa: E402

ROLE = "arn:aws:iam::000000000000:role/hostile"
MOST_SECONDS, MOST_MEBIBYTES, MOST_GROWTH = 1.1, 64, 20
SUBJECTS = ["a" * 40 + "!", "a" * 3000 + "!", "ab" * 1500 + "c", "0" * 40 + "x", " " * 3000 + "x"]
PATTERNS = [
    "(a+)+$", "(a*)*$", "(a|a)*$", "(a|aa)+$", "([a-z]+)*$", "(.*)*$", "(.+)+!!", "(a?){40}a{40}$",
    "^(([a-z])+.)+[A-Z]$", "(x+x+)+y", "(a+a+)+b", "(.*a){20}$", "(.*){1,30}[bc]{3}$", "((a{1,9}){1,9}){1,9}$",
    "(ab|a|b)*$", "(ab|ba|a|b)+c$", "^(a?a?)*$", "(aa*)*b", "((a|b)*)*c!", r"(\d+)*$", r"(\d|\d\d)+$", r"(\w+)*$",
    r"(\s*)*$", r"(\s+\s+)+$", r"(\s|\s\s)*x$y", "(a|b|ab)*bc$", "^(.|..)*$z", "(.{1,3})+!$!", "(a+b?)+$", "(a*b*)*$",
    "([ab]+c?)+d", r"(?=(a+))a*b\1", r"(a+)\1+$", "(a*)(a*)(a*)(a*)(a*)(a*)b", "a*a*a*a*a*a*a*a*b", ".*.*.*.*.*.*=",
    "(.*)(.*)(.*)(.*)=", "([^!]+)*$", "((.)(.))*$", "(?:a|a|a|a)+$", "(?:(?:a+)?)+$", "(a{2,}){2,}$",
    "(a|b)+?(a|b)+?c!", "((ab)*)*c!", "(0|00)+1", "(0+)+1", "( |  )+y", "( +)+y", "(^a|a)+$", "(a(?=a))+$",
]


def regular_expressions():
    for pattern in PATTERNS:
        calls = " & ".join(f'$string($match("{subject}", /{pattern}/))' for subject in SUBJECTS)
        yield f"pattern {pattern}", calls


def expressions():
    """(what it is, the expression); each is endless, too deep or too large."""
    yield "recursion", "($f := function($n) { $n + $f($n + 1) }; $f(0))"
    yield "tail recursion", "($f := function($n) { $f($n + 1) }; $f(0))"
    yield "two functions", "($a := function() { $b() }; $b := function() { $a() }; $a())"
    yield "a range", "[1..1000000000]"
    yield "ranges of ranges", "[1..3000].([1..3000].([1..3000]))"
    yield "string doubling", "($d := function($s) { $d($s & $s) }; $d('aaaaaaaa'))"
    yield "array doubling", "($d := function($a) { $d($append($a, $a)) }; $d([1, 2, 3]))"
    yield "object nesting", "($d := function($o) { $d({'a': $o, 'b': $o}) }; $d({}))"
    yield "array nesting", "($d := function($a) { $d([[$a]]) }; $d(1))"
    yield "functions in functions", "($d := function($f) { $d(function() { $f }) }; $d(1))"
    yield "compositions", "($d := function($f) { $d($f ~> $f) }; $d($string))"
    yield "a function a call", "($d := function($n) { ($g := function() { $g }; $d($n + 1)) }; $d(1))"
    yield "a long padding", "$pad('', 2000000000)"
    yield "a map in a map", "$map([1..100000], function($x) { $sum([1..$x]) })"
    yield "a sort", "$sort([1..1000000].($random()), function($a, $b) { $string($a) > $string($b) })"
    yield "a join", "$join([1..1000000].$string($), $pad('', 100, 'x'))"
    yield "an array of the input", "$reduce([1..1000000], function($a, $b) { $append($a, $states.input) })"
    yield "a million bytes", "[" + ",".join(["$string([1..100])"] * 55_000) + "] ~> $join"
    yield "a million bytes of text", "($f := function($n) { $f($n & '" + "x" * 990_000 + "') }; $f(''))"
    yield "deep nesting", "(" * 400_000 + "1" + ")" * 400_000
    yield "a long chain", "1" + "+1" * 480_000
    yield from regular_expressions()


def peak(pid):
    """The most resident memory since `forget`, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def forget(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    return peak(pid)


def create(client, name, expression):
    """The machine's ARN, or None and the refusal where the definition is not taken."""
    definition = {
        "QueryLanguage": "JSONata", "StartAt": "H",
        "States": {"H": {"Type": "Pass", "Output": "{% " + expression + " %}", "End": True}}}
    status, body = client.call("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE)
    return body.get("stateMachineArn"), body if status != 200 else None


def end_of(client, machine):
    """The description of an execution of the machine, once it has ended, and the seconds from its start until then."""
    began = time.monotonic()
    _, started = client.call("StartExecution", stateMachineArn=machine, input='{"a": [1, 2, 3]}')
    while True:
        _, described = client.call("DescribeExecution", executionArn=started["executionArn"])
        if described["status"] != "RUNNING":
            return described, time.monotonic() - began
        time.sleep(0.002)


def each_alone(daemon):
    """Runs every expression; gives the machines and whether all was within bounds."""
    client, machines, failures = Client(daemon), [], 0
    for number, (title, expression) in enumerate(expressions()):
        before = forget(daemon.process.pid)
        began = time.monotonic()
        creation = 0
        machine, refusal = create(client, f"hostile-{number}", expression)
        if machine is None:
            seconds, outcome = time.monotonic() - began, "refused: " + refusal["message"][:60]
            good = "INVALID_JSONATA_EXPRESSION" in refusal["message"]
        else:
            creation = (peak(daemon.process.pid) - before) / 1024
            before = forget(daemon.process.pid)
            described, seconds = end_of(client, machine)
            outcome = described.get("error") or described["status"]
            # A pattern that PCRE2 sees through matches, or does not, like any other.
            good = outcome == "States.QueryEvaluationError" or (outcome == "SUCCEEDED" and title.startswith("pattern"))
            if outcome != "SUCCEEDED":
                machines.append(machine)
        memory = (peak(daemon.process.pid) - before) / 1024
        good = good and seconds <= MOST_SECONDS and memory <= MOST_MEBIBYTES
        failures += not good
        if not good or not title.startswith("pattern"):
            made = f", {creation:.0f} MiB to create it" if creation > 16 else ""
            print(f"{'ok  ' if good else 'FAIL'} {title:26} {seconds:6.3f} s {memory:6.1f} MiB{made}  {outcome}")
    print(f"{number + 1} expressions, {failures} out of bounds; {len(machines)} end by a bound", flush=True)
    return machines, failures


def latency(bench, daemon, workload):
    """The 99th percentile in ms that the load tool gives."""
    command = [sys.executable, bench, "--endpoint", daemon.endpoint, "--workload", workload, "--executions", "400"]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    result = json.loads(output.strip().splitlines()[-1])
    return result["ms"]["p99"]


def beside(daemon, machines, stop):
    """Keeps one hostile execution running."""
    client = Client(daemon)
    while not stop.is_set():
        for machine in machines:
            if not stop.is_set():
                end_of(client, machine)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("newel")
    parser.add_argument("bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workload", default="RTT:P1")
    options = parser.parse_args()
    with Daemon(find_newel(options.newel), gateway=False) as daemon:
        machines, failures = each_alone(daemon)
        alone, accompanied = [], []
        for _ in range(options.rounds):
            alone.append(latency(options.bench, daemon, options.workload))
            stop = threading.Event()
            thread = threading.Thread(target=beside, args=(daemon, machines, stop))
            thread.start()
            accompanied.append(latency(options.bench, daemon, options.workload))
            stop.set()
            thread.join()
    growth = statistics.median(accompanied) - statistics.median(alone)
    print(f"{options.workload}: p99 {alone} ms alone, {accompanied} ms beside hostile executions: {growth:+.1f} ms")
    checks = [failures == 0, growth <= MOST_GROWTH]
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
