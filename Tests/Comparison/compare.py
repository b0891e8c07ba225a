# JSONata beside jsonata-python (PyPI), on the shared cases: evaluation only, geometric mean of the ratios.
# Tests/Comparison/compare.py BENCHMARKS, the release build of the target Benchmarks.
import json
import math
import os
import subprocess
import sys
import time

import jsonata

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.environ.get("NEWEL_CONFORMANCE") or os.path.join(os.path.dirname(ROOT), "shared", "conformance")
CASES = os.path.join(FOLDER, "jsonata")


def fastest(call):
    """Seconds of one call: the best of three rounds of at least 2 ms."""
    best = math.inf
    for _ in range(3):
        count, began, taken = 0, time.perf_counter(), 0
        while taken < 0.002:
            call()
            count += 1
            taken = time.perf_counter() - began
        best = min(best, taken / count)
    return best


def main():
    output = subprocess.run([sys.argv[1], "jsonata"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    ours = {line["id"]: line["us"] for line in map(json.loads, output.splitlines())}
    ratios, skipped = [], 0
    with open(os.path.join(CASES, "cases.jsonl"), encoding="utf8") as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        if case["id"] not in ours:
            continue
        data = case.get("data")
        if case.get("dataset"):
            with open(os.path.join(CASES, "datasets", case["dataset"] + ".json"), encoding="utf8") as file:
                data = json.load(file)
        try:
            expression = jsonata.Jsonata(case["expr"])
            for name, value in (case.get("bindings") or {}).items():
                expression.assign(name, value)
            expression.evaluate(data)
        except Exception:
            skipped += 1
            continue
        ratios.append(fastest(lambda: expression.evaluate(data)) * 1e6 / ours[case["id"]])
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    ratios.sort()
    print(f"{len(ratios)} expressions, {skipped} that jsonata-python does not evaluate")
    print(f"geometric mean {mean:.1f} times, median {ratios[len(ratios) // 2]:.1f}, least {ratios[0]:.1f}")


main()
