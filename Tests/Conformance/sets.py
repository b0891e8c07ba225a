# The shared conformance sets, each run against a daemon of its own or by `swift test`. A set's results: {case: None for
# a pass, else what is wrong}; a set that is not in the folder has none.
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from daemon import ROOT, Daemon, role_arn
from services import Services

# What cases may need beside Step Functions: what services.py serves. The cases of S3 that pass fail before any call.
HAVE = "lambda,logs,iam,multi-account,s3"
# Sets that `swift test` runs too, with the suites that run them.
SWIFT_SETS = {
    "jsonata": "JSONataConformanceTests", "vtl": "TemplateConformanceTests", "sigv4": "SigV4Tests",
    "iam": "IAMConformanceTests", "jsonpath": "JSONPathConformanceTests",
}
# Sets of which Newel has nothing yet, with what holds their cases: a file is a case, or a line of a file is.
MISSING_PARTS = {
    "apigateway": ("apigateway/cases/*.json", None), "lambda": ("lambda/cases/*.json", None),
    "iam-api": ("iam-api/cases/*.json", None), "aws-protocols": ("aws-protocols/*.jsonl", "models.jsonl"),
}


class SetError(Exception):
    """A set could not be run."""


class Results:
    """`cases`: what is wrong with each case, None for a pass. `not_yet`: cases that Newel has no part for."""

    def __init__(self, cases=None, not_yet=0, details=None):
        self.cases = cases or {}
        self.not_yet = not_yet
        # The runner's own results, where it has some.
        self.details = details

    @property
    def failures(self):
        return {case: problem for case, problem in sorted(self.cases.items()) if problem is not None}

    @property
    def passed(self):
        return len(self.cases) - len(self.failures)

    def line(self, name):
        if not self.cases and self.not_yet:
            return f"{name}: not yet: {self.not_yet}"
        line = f"{name}: {self.passed} passed, {len(self.failures)} failed"
        return line + (f", not yet: {self.not_yet}" if self.not_yet else "")


def run(name, folder, binary, arguments=()):
    """The results of a set, None where the folder does not have it. `arguments` are for the recorded cases' runner."""
    if name == "stepfunctions":
        return recorded_cases(folder, binary, list(arguments))
    if name == "reports":
        return reports(folder, binary)
    if name == "definitions":
        return definitions(folder, binary)
    if name in MISSING_PARTS:
        return missing_part(folder, *MISSING_PARTS[name])
    raise SetError(f"There is no set {name}.")


def recorded_cases(folder, binary, arguments):
    runner = os.path.join(folder, "stepfunctions", "run_cases.py")
    if not os.path.exists(runner):
        return None
    with tempfile.TemporaryDirectory() as scratch, Services() as services:
        settings = [
            f"functions.defaultEndpoint={services.endpoint}", f"executionLog.cloudWatchLogs={services.endpoint}"]
        out = os.path.join(scratch, "out.json")
        with Daemon(binary, settings, gateway=False) as daemon:
            command = [
                sys.executable, runner, "--endpoint", daemon.endpoint, "--aws-endpoint", services.endpoint,
                "--have", HAVE, "--real-iam", "--json", out, "--quiet", "-j", "8"]
            output = subprocess.run(command + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not os.path.exists(out):
            raise SetError(output.stdout[-4000:] + f"\nThe runner gave no results (exit code {output.returncode}).")
        with open(out, encoding="utf8") as file:
            results = json.load(file)["results"]
    skipped = re.search(r"(\d+) skipped", output.stdout)
    cases = {case: None if result["pass"] else explanation(result) for case, result in results.items()}
    return Results(cases, int(skipped[1]) if skipped else 0, results)


def explanation(result, width=300):
    lines = []
    for check, differences in result["fails"][:3]:
        for path, expected, actual in differences[:3]:
            lines.append(f"{check} {'.'.join(path)}: expected {str(expected)[:width]}, got {str(actual)[:width]}")
    return "\n".join(lines + result["notes"][:2]) or "it fails"


def reports(folder, binary):
    """Both runners of the public reports: executions and API steps, then gateway files, a daemon for each."""
    folder = os.path.join(folder, "reports")
    if not os.path.exists(folder):
        return None
    cases = {}
    with Daemon(binary, gateway=False) as daemon:
        cases.update(report_lines(os.path.join(folder, "run.py"), "--endpoint", daemon.endpoint))
    cases.update(report_lines(os.path.join(folder, "gateway.py"), "--newel", binary, "--project", ROOT))
    return Results(cases)


def report_lines(runner, *arguments):
    if not os.path.exists(runner):
        return {}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWEL")}
    output = subprocess.run(
        [sys.executable, runner, *arguments, "-v"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment)
    cases, failing = {}, None
    for line in output.stdout.splitlines():
        if passes := re.fullmatch(r"pass (\S+)", line):
            cases[passes[1]], failing = None, None
        elif fails := re.match(r"FAIL (\S+?)(?: \[keep back\])?: (.*)", line):
            failing = fails[1]
            cases[failing] = fails[2]
    if not re.search(r"^\d+ passed, \d+ failed", output.stdout, re.MULTILINE):
        raise SetError(output.stdout[-4000:] + f"\n{runner} gave no results (exit code {output.returncode}).")
    return cases


def definitions(folder, binary):
    """CreateStateMachine accepts every definition that AWS accepts."""
    files = sorted(glob.glob(os.path.join(folder, "definitions", "*.json")))
    if not files:
        return None
    import boto3
    from botocore.config import Config
    cases = {}
    with Daemon(binary, gateway=False) as daemon:
        client = boto3.client(
            "stepfunctions", endpoint_url=daemon.endpoint, region_name="us-east-1", aws_access_key_id="newel",
            aws_secret_access_key="newel", config=Config(retries={"max_attempts": 0}))
        for number, path in enumerate(files):
            with open(path, encoding="utf8") as file:
                content = json.load(file)
            name = os.path.splitext(os.path.basename(path))[0]
            try:
                client.create_state_machine(
                    name=f"definition-{number}", definition=json.dumps(content["definition"]),
                    roleArn=role_arn("any"), type=content.get("type", "STANDARD"))
                cases[name] = None
            except client.exceptions.ClientError as error:
                cases[name] = f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return Results(cases)


def missing_part(folder, pattern, besides):
    files = [path for path in glob.glob(os.path.join(folder, pattern)) if os.path.basename(path) != besides]
    if not files:
        return None
    if not pattern.endswith(".jsonl"):
        return Results(not_yet=len(files))
    lines = 0
    for path in files:
        with open(path, encoding="utf8") as file:
            lines += sum(1 for line in file if line.strip())
    return Results(not_yet=lines)


def swift_sets(folder, scratch_path):
    """{set: results} of the sets that `swift test` runs, with the cases of the folder; None for one that is not there.
    """
    there = [name for name in SWIFT_SETS if os.path.exists(os.path.join(folder, name))]
    found = {name: None for name in SWIFT_SETS}
    if not there:
        return found
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.jsonl")
        environment = {**os.environ, "NEWEL_CONFORMANCE": folder, "NEWEL_CONFORMANCE_REPORT": report}
        command = ["swift", "test", "--filter", "|".join(SWIFT_SETS[name] for name in there)]
        if scratch_path:
            command += ["--scratch-path", scratch_path]
        output = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if not os.path.exists(report):
            raise SetError(output.stdout[-4000:] + f"\nswift test gave no results (exit code {output.returncode}).")
        with open(report, encoding="utf8") as file:
            for line in file:
                entry = json.loads(line)
                cases = found.get(entry["set"]) or Results()
                found[entry["set"]] = cases
                cases.cases[entry["case"]] = None if entry["passed"] else entry.get("difference") or "it fails"
    for name in there:
        found[name] = found[name] or Results({name: "no case of the set was run:\n" + output.stdout[-2000:]})
    return found
