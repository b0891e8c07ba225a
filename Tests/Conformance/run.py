# Runs the recorded Step Functions cases against a `newel serve` of its own; expected-failures.txt says what may fail.
import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Smoke"))
from daemon import ROOT, Daemon, find_newel  # noqa: E402
from services import Services  # noqa: E402

# What cases may need beside Step Functions: what services.py serves. The cases of S3 that pass fail before any call.
HAVE = "lambda,logs,iam,multi-account,s3"
EXPECTED = os.path.join(HERE, "expected-failures.txt")


def read_expected():
    """{pattern: reason}; a pattern is `area/case` or `area/*`. Lines: PATTERN # reason."""
    patterns = {}
    with open(EXPECTED, encoding="utf8") as file:
        for line in file:
            pattern, _, reason = (part.strip() for part in line.partition("#"))
            if pattern:
                if not reason:
                    sys.exit(f"{EXPECTED}: {pattern} has no reason")
                patterns[pattern] = reason
    return patterns


def run_cases(runner, binary, arguments):
    """The runner's results by `area/case`."""
    with tempfile.TemporaryDirectory() as folder, Services() as services:
        settings = [
            f"functions.defaultEndpoint={services.endpoint}", f"executionLog.cloudWatchLogs={services.endpoint}"]
        out = os.path.join(folder, "out.json")
        with Daemon(binary, settings, gateway=False) as daemon:
            command = [
                sys.executable, runner, "--endpoint", daemon.endpoint, "--aws-endpoint", services.endpoint,
                "--have", HAVE, "--real-iam", "--json", out, "--quiet", "-j", "8"]
            output = subprocess.run(command + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not os.path.exists(out):
            sys.exit(output.stdout[-4000:] + f"\nThe runner gave no results (exit code {output.returncode}).")
        with open(out, encoding="utf8") as file:
            return json.load(file)["results"]


def explain(result, width=300):
    for check, differences in result["fails"][:3]:
        for path, expected, actual in differences[:3]:
            print(f"    {check} {'.'.join(path)}: expected {str(expected)[:width]}, got {str(actual)[:width]}")
    for note in result["notes"][:2]:
        print("    " + note)


def main():
    parser = argparse.ArgumentParser(
        description="Unnamed failures and named passes fail the run.", epilog="Last line: N passed, N failed.")
    parser.add_argument("newel", nargs="?", help="the binary; default: $NEWEL or the newest build of this checkout")
    parser.add_argument("--area", help="only these areas, separated by commas")
    parser.add_argument("--name", help="only cases whose name matches this regular expression")
    parser.add_argument("--json", help="keep the results in this file")
    options = parser.parse_args()
    folder = os.environ.get("NEWEL_CONFORMANCE") or os.path.join(os.path.dirname(ROOT), "shared", "conformance")
    runner = os.path.join(folder, "stepfunctions", "run_cases.py")
    if not os.path.exists(runner):
        print(f"NOT RUN: the shared conformance sets are not on this machine ({runner}).")
        print("0 passed, 0 failed")
        return 0
    for package in ("boto3", "awslambdaric"):
        if importlib.util.find_spec(package) is None:
            sys.exit(f"The conformance cases need {package}: pip install {package}.")
    arguments = ["--area", options.area] if options.area else []
    arguments += ["--name", options.name] if options.name else []
    results = run_cases(runner, find_newel(options.newel), arguments)
    if options.json:
        with open(options.json, "w", encoding="utf8") as file:
            json.dump(results, file)
    return judge(results, partial=bool(arguments))


def judge(results, partial):
    expected = read_expected()
    passed, named, wrong, used = 0, 0, 0, set()
    for case in sorted(results):
        area = case.split("/")[0]
        pattern = next((p for p in (case, area + "/*") if p in expected), None)
        used.add(pattern)
        if results[case]["pass"] and pattern is None:
            passed += 1
        elif not results[case]["pass"] and pattern is not None:
            named += 1
        elif results[case]["pass"]:
            wrong += 1
            print(f"PASSES, but is named as a failure: {case} ({pattern}: {expected[pattern]})")
        else:
            wrong += 1
            print(f"FAILS, and is not named: {case}")
            explain(results[case])
    for pattern in sorted(set(expected) - used) if not partial else []:
        wrong += 1
        print(f"NAMED, but there is no such case: {pattern}")
    print(f"{len(results)} cases: {passed} pass, {named} fail as named in expected-failures.txt")
    print(f"{passed} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
