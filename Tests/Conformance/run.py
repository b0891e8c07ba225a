# Runs the shared conformance sets. expected-failures.txt says what may fail; with --root nothing is judged by it.
import argparse
import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Smoke"))
from daemon import ROOT, find_newel  # noqa: E402
import sets  # noqa: E402

EXPECTED = os.path.join(HERE, "expected-failures.txt")
# What runs without --root; `swift test` runs the others.
USUAL_SETS = ["stepfunctions", "reports", "definitions"]


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


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Without --root: unnamed failures and named passes fail the run.",
        epilog="Last line: N passed, N failed.")
    parser.add_argument("newel", nargs="?", help="the binary; default: $NEWEL or the newest build of this checkout")
    parser.add_argument("--root", help="run every set of this folder and judge nothing: a line `SET: N passed, N "
                        "failed` for each, `SET: not yet: N` where Newel has no such part")
    parser.add_argument("--area", help="only these areas of the recorded cases, separated by commas")
    parser.add_argument("--name", help="only recorded cases whose name matches this regular expression")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--scratch-path", default=os.environ.get("SCRATCH"),
                        help="the build folder of `swift test`; default: $SCRATCH or .build")
    return parser.parse_args()


def main():
    options = parse_arguments()
    folder = options.root or os.environ.get("NEWEL_CONFORMANCE") or os.path.join(
        os.path.dirname(ROOT), "shared", "conformance")
    folder = os.path.abspath(folder)
    if not os.path.isdir(folder):
        print(f"NOT RUN: the shared conformance sets are not on this machine ({folder}).")
        print("0 passed, 0 failed")
        return 1 if options.root else 0
    for package in ("boto3", "awslambdaric"):
        if importlib.util.find_spec(package) is None:
            sys.exit(f"The conformance cases need {package}: pip install {package}.")
    binary = find_newel(options.newel)
    if options.root:
        return run_all(folder, binary, options)
    arguments = ["--area", options.area] if options.area else []
    arguments += ["--name", options.name] if options.name else []
    results, details = {}, {}
    for name in USUAL_SETS[:1] if arguments else USUAL_SETS:
        found = sets.run(name, folder, binary, arguments)
        if found is None:
            print(f"NOT RUN: the set {name} is not in {folder}.")
            continue
        # The recorded cases are named by their area.
        prefix = "" if name == "stepfunctions" else name + "/"
        results.update({prefix + case: problem for case, problem in found.cases.items()})
        details.update(found.details or {})
    if options.json:
        with open(options.json, "w", encoding="utf8") as file:
            json.dump(details if arguments else {**details, **{
                case: {"pass": problem is None} for case, problem in results.items() if case not in details}}, file)
    return judge(results, partial=bool(arguments))


def run_all(folder, binary, options):
    """Every set of the folder. Ends with 0 where all of them could be run, whatever failed."""
    report, broken = {}, False
    names = list(USUAL_SETS) + list(sets.MISSING_PARTS)
    for name in names:
        try:
            report[name] = sets.run(name, folder, binary)
        except Exception as error:  # The other sets are run all the same.
            broken = True
            report[name] = sets.Results({name: f"{type(error).__name__}: {error}"})
        tell(name, report[name])
    try:
        report.update(sets.swift_sets(folder, options.scratch_path))
    except Exception as error:
        broken = True
        report["swift test"] = sets.Results({"swift test": f"{type(error).__name__}: {error}"})
    for name in report:
        if name not in names:
            tell(name, report[name])
    if options.json:
        with open(options.json, "w", encoding="utf8") as file:
            json.dump({"folder": folder, "sets": {name: in_json(results) for name, results in report.items()}}, file,
                      indent=1)
    present = [results for results in report.values() if results is not None]
    print(f"{sum(r.passed for r in present)} passed, {sum(len(r.failures) for r in present)} failed")
    return 1 if broken else 0


def tell(name, results):
    print(f"{name}: not in the folder" if results is None else results.line(name), flush=True)


def in_json(results):
    if results is None:
        return None
    return {
        "passed": results.passed, "failed": len(results.failures), "notYet": results.not_yet,
        "cases": {case: problem is None for case, problem in sorted(results.cases.items())},
        "failures": results.failures,
    }


def judge(results, partial):
    expected = read_expected()
    passed, named, wrong, used = 0, 0, 0, set()
    for case in sorted(results):
        area = case.split("/")[0]
        pattern = next((p for p in (case, area + "/*") if p in expected), None)
        used.add(pattern)
        if results[case] is None and pattern is None:
            passed += 1
        elif results[case] is not None and pattern is not None:
            named += 1
        elif results[case] is None:
            wrong += 1
            print(f"PASSES, but is named as a failure: {case} ({pattern}: {expected[pattern]})")
        else:
            wrong += 1
            print(f"FAILS, and is not named: {case}")
            print("\n".join("    " + line for line in results[case].splitlines()))
    for pattern in sorted(set(expected) - used) if not partial else []:
        wrong += 1
        print(f"NAMED, but there is no such case: {pattern}")
    print(f"{len(results)} cases: {passed} pass, {named} fail as named in expected-failures.txt")
    print(f"{passed} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
