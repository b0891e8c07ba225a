# boto3 and the AWS CLI, unmodified, against a running `newel serve`: what a user does first, and what goes wrong.
import argparse
import datetime
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import Daemon, find_newel, machine_arn, role_arn  # noqa: E402
import moves  # noqa: E402

PASS = json.dumps({"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "Result": "world", "End": True}}})
OTHER = json.dumps({"StartAt": "Bye", "States": {"Bye": {"Type": "Succeed"}}})
WAIT = json.dumps({"StartAt": "Hold", "States": {"Hold": {"Type": "Wait", "Seconds": 3600, "End": True}}})
FAIL = json.dumps({"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Kitchen.Closed", "Cause": "late"}}})
ROLE = role_arn("test")


class Checks:
    """Counts what holds and says what does not."""

    def __init__(self):
        self.passed = self.failed = 0

    def equal(self, what, actual, expected):
        self.true(what, actual == expected, f"\n    expected {expected!r}\n    got      {actual!r}")

    def true(self, what, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {what} {detail}")

    def group(self, name, body, *arguments):
        """A body that cannot go on is one failure."""
        try:
            body(self, *arguments)
        except Exception as error:  # noqa: BLE001
            self.failed += 1
            print(f"FAILED: {name} ended early: {type(error).__name__}: {error}")


def boto_client(daemon):
    import boto3
    from botocore.config import Config

    return boto3.client(
        "stepfunctions", endpoint_url=daemon.endpoint, region_name="us-east-1", aws_access_key_id="newel",
        aws_secret_access_key="newel", config=Config(retries={"max_attempts": 0}))


def knows(client, operation, member):
    """Whether this version of the SDK passes the member on; Debian's is older than some."""
    return member in client.meta.service_model.operation_model(operation).output_shape.members


def settled(client, arn, seconds=20):
    """DescribeExecution of an execution that has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        described = client.describe_execution(executionArn=arn)
        if described["status"] != "RUNNING":
            return described
        time.sleep(0.02)
    raise TimeoutError(f"{arn} still runs after {seconds} s")


# ---- boto3


def machines(checks, client):
    created = client.create_state_machine(name="hello", definition=PASS, roleArn=ROLE)
    arn = created["stateMachineArn"]
    checks.equal("CreateStateMachine gives the ARN", arn, machine_arn("hello"))
    checks.true("creationDate is a time", isinstance(created["creationDate"], datetime.datetime))
    again = client.create_state_machine(name="hello", definition=PASS, roleArn=ROLE)
    checks.equal("CreateStateMachine is idempotent", again["creationDate"], created["creationDate"])
    described = client.describe_state_machine(stateMachineArn=arn)
    for member, value in {
        "name": "hello", "definition": PASS, "roleArn": ROLE, "type": "STANDARD", "status": "ACTIVE",
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False}, "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }.items():
        if knows(client, "DescribeStateMachine", member):
            checks.equal(f"DescribeStateMachine's {member}", described.get(member), value)
    checks.true("no revisionId before the first update", "revisionId" not in described)
    updated = client.update_state_machine(stateMachineArn=arn, definition=OTHER)
    if knows(client, "UpdateStateMachine", "revisionId"):
        checks.true("UpdateStateMachine gives a revision", bool(updated.get("revisionId")))
    described = client.describe_state_machine(stateMachineArn=arn)
    checks.equal("the definition is the new one", described["definition"], OTHER)
    checks.equal("the revision is the new one", described.get("revisionId"), updated.get("revisionId"))
    for name in ("a", "b", "c"):
        client.create_state_machine(name=f"list-{name}", definition=PASS, roleArn=ROLE)
    pages = list(client.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 2}))
    names = [machine["name"] for page in pages for machine in page["stateMachines"]]
    checks.true("ListStateMachines pages by two", all(len(page["stateMachines"]) <= 2 for page in pages))
    checks.equal("ListStateMachines has each once", sorted(set(names)), sorted(names))
    checks.true("ListStateMachines has all", {"hello", "list-a", "list-b", "list-c"} <= set(names), names)
    for name in ("a", "b", "c"):
        client.delete_state_machine(stateMachineArn=machine_arn(f"list-{name}"))
    names = [machine["name"] for machine in client.list_state_machines()["stateMachines"]]
    checks.true("DeleteStateMachine takes them off the list", not any(n.startswith("list-") for n in names), names)


def executions(checks, client):
    arn = client.create_state_machine(name="runs", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    started = client.start_execution(stateMachineArn=arn, name="one", input='{"a": 1.50}')
    expected = arn.replace(":stateMachine:", ":execution:") + ":one"
    checks.equal("StartExecution gives the ARN", started["executionArn"], expected)
    described = settled(client, started["executionArn"])
    for member, value in {
        "status": "SUCCEEDED", "input": '{"a": 1.50}', "output": '"world"', "stateMachineArn": arn, "name": "one",
        "startDate": started["startDate"], "redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE",
        "inputDetails": {"included": True}, "outputDetails": {"included": True},
    }.items():
        if knows(client, "DescribeExecution", member):
            checks.equal(f"DescribeExecution's {member}", described.get(member), value)
    history = client.get_execution_history(executionArn=started["executionArn"])["events"]
    checks.equal(
        "the history of one Pass", [(e["id"], e["previousEventId"], e["type"]) for e in history],
        [(1, 0, "ExecutionStarted"), (2, 0, "PassStateEntered"), (3, 2, "PassStateExited"),
         (4, 3, "ExecutionSucceeded")])
    checks.equal("the input's text is the client's", history[0]["executionStartedEventDetails"]["input"], '{"a": 1.50}')
    checks.equal("the role is in the history", history[0]["executionStartedEventDetails"]["roleArn"], ROLE)
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=started["executionArn"], PaginationConfig={"PageSize": 1})
    checks.equal("the history by pages of one", [e["id"] for page in pages for e in page["events"]], [1, 2, 3, 4])
    back = client.get_execution_history(executionArn=started["executionArn"], reverseOrder=True, maxResults=2)
    checks.equal("the history backwards", [e["id"] for e in back["events"]], [4, 3])
    bare = client.get_execution_history(executionArn=started["executionArn"], includeExecutionData=False)["events"]
    checks.true("no data when none is asked for", "input" not in bare[1]["stateEnteredEventDetails"])
    of = client.describe_state_machine_for_execution(executionArn=started["executionArn"])
    checks.equal("DescribeStateMachineForExecution", (of["name"], of["definition"]), ("runs", PASS))
    failing = client.create_state_machine(name="fails", definition=FAIL, roleArn=ROLE)["stateMachineArn"]
    failed = settled(client, client.start_execution(stateMachineArn=failing)["executionArn"])
    checks.equal(
        "a failed execution", (failed["status"], failed["error"], failed["cause"], "output" in failed),
        ("FAILED", "Kitchen.Closed", "late", False))


def lists_and_stops(checks, client):
    arn = client.create_state_machine(name="waits", definition=WAIT, roleArn=ROLE)["stateMachineArn"]
    started = [client.start_execution(stateMachineArn=arn, name=f"w{n}")["executionArn"] for n in range(5)]
    again = client.start_execution(stateMachineArn=arn, name="w0")
    checks.equal("StartExecution again while it runs", again["executionArn"], started[0])
    stopped = client.stop_execution(executionArn=started[0], error="Guest.Left", cause="no appetite")
    checks.true("StopExecution gives a time", isinstance(stopped["stopDate"], datetime.datetime))
    described = client.describe_execution(executionArn=started[0])
    checks.equal(
        "a stopped execution", (described["status"], described["error"], described["cause"], described["stopDate"]),
        ("ABORTED", "Guest.Left", "no appetite", stopped["stopDate"]))
    history = client.get_execution_history(executionArn=started[0])["events"]
    checks.equal(
        "the history of a stopped execution", [(e["id"], e["previousEventId"], e["type"]) for e in history],
        [(1, 0, "ExecutionStarted"), (2, 0, "WaitStateEntered"), (3, 0, "ExecutionAborted")])
    pages = list(client.get_paginator("list_executions").paginate(
        stateMachineArn=arn, PaginationConfig={"PageSize": 2}))
    names = [e["name"] for page in pages for e in page["executions"]]
    checks.equal("ListExecutions by pages of two, newest first", names, ["w4", "w3", "w2", "w1", "w0"])
    for status, expected in {"RUNNING": ["w4", "w3", "w2", "w1"], "ABORTED": ["w0"], "FAILED": []}.items():
        found = client.list_executions(stateMachineArn=arn, statusFilter=status)["executions"]
        checks.equal(f"ListExecutions {status}", [e["name"] for e in found], expected)
    deleted = client.delete_state_machine(stateMachineArn=arn)
    checks.equal("DeleteStateMachine", deleted["ResponseMetadata"]["HTTPStatusCode"], 200)
    for one in started[1:]:
        client.stop_execution(executionArn=one)


def errors(checks, client):
    """Each error arrives as the SDK's own class, with AWS's text."""
    e = client.exceptions
    machine = client.create_state_machine(name="errs", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    done = client.start_execution(stateMachineArn=machine, name="done", input="{}")["executionArn"]
    settled(client, done)
    nowhere, never = machine_arn("nowhere"), done + "-not"
    start = {"stateMachineArn": machine}
    no_machine, no_execution = f"State Machine Does Not Exist: '{nowhere}'", f"Execution Does Not Exist: '{never}'"
    taken = f"Execution Already Exists: '{done}'"
    express = done.replace(":execution:", ":express:") + ":x"
    cases = [
        (e.StateMachineDoesNotExist, no_machine, client.start_execution, {"stateMachineArn": nowhere}),
        (e.StateMachineDoesNotExist, no_machine, client.describe_state_machine, {"stateMachineArn": nowhere}),
        (e.StateMachineDoesNotExist, no_machine, client.list_executions, {"stateMachineArn": nowhere}),
        (
            e.StateMachineDoesNotExist, no_machine, client.update_state_machine,
            {"stateMachineArn": nowhere, "definition": PASS},
        ),
        (
            e.StateMachineAlreadyExists, f"State Machine Already Exists: '{machine}'", client.create_state_machine,
            {"name": "errs", "definition": OTHER, "roleArn": ROLE},
        ),
        (e.ExecutionDoesNotExist, no_execution, client.describe_execution, {"executionArn": never}),
        (e.ExecutionDoesNotExist, no_execution, client.get_execution_history, {"executionArn": never}),
        (e.ExecutionDoesNotExist, no_execution, client.stop_execution, {"executionArn": never}),
        (
            e.ExecutionDoesNotExist, no_execution, client.describe_state_machine_for_execution,
            {"executionArn": never},
        ),
        (e.ExecutionAlreadyExists, taken, client.start_execution, dict(start, name="done", input='{"b":2}')),
        (e.ExecutionAlreadyExists, taken, client.start_execution, dict(start, name="done", input="{}")),
        (e.InvalidName, "Invalid Name: 'a b'", client.start_execution, dict(start, name="a b")),
        (
            e.InvalidName, "Invalid Name: 'x#y'", client.create_state_machine,
            {"name": "x#y", "definition": PASS, "roleArn": ROLE},
        ),
        (e.InvalidArn, "Invalid Arn: 'Invalid ARN prefix: soup'", client.describe_execution, {"executionArn": "soup"}),
        (
            e.InvalidArn, "Invalid Arn: 'Resource type not valid in this context: express'",
            client.describe_execution, {"executionArn": express},
        ),
        (
            e.InvalidExecutionInput,
            "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, "
            "Array, Object or token 'null', 'true' or 'false')*",
            client.start_execution, dict(start, input="not json"),
        ),
        (
            e.InvalidDefinition, "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: *",
            client.create_state_machine, {"name": "bad", "definition": "{", "roleArn": ROLE},
        ),
        (
            e.InvalidDefinition, "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: *",
            client.update_state_machine, {"stateMachineArn": machine, "definition": '{"StartAt":"A"}'},
        ),
        (e.InvalidToken, "Invalid Token: 'Invalid token'", client.list_executions, dict(start, nextToken="bread")),
        (
            e.MissingRequiredParameter,
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
            "specified", client.update_state_machine, {"stateMachineArn": machine},
        ),
        (
            e.ValidationException,
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have "
            "value less than or equal to 1000", client.list_executions, dict(start, maxResults=1001),
        ),
    ]
    for number, (kind, message, call, arguments) in enumerate(cases):
        what = f"error {number}: {call.__name__} {arguments}"
        try:
            call(**arguments)
            checks.true(what, False, "did not fail")
        except kind as error:
            got = error.response["Error"]["Message"]
            if message.endswith("*"):
                checks.true(what, got.startswith(message[:-1]), got)
            else:
                checks.equal(what, got, message)
        except Exception as error:  # noqa: BLE001
            checks.true(what, False, f"expected {kind.__name__}, got {type(error).__name__}: {error}")


# ---- the AWS CLI


def cli(checks, daemon):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment.update(
        AWS_ACCESS_KEY_ID="newel", AWS_SECRET_ACCESS_KEY="newel", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="",
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_MAX_ATTEMPTS="1")

    def aws(*arguments):
        command = ["aws", "--endpoint-url", daemon.endpoint, "--output", "json", "stepfunctions", *arguments]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        if ran.returncode == 0 and ran.stdout.strip():
            return json.loads(ran.stdout)
        return ran.returncode, ran.stderr.strip()

    def create(name, definition):
        return aws("create-state-machine", "--name", name, "--definition", definition, "--role-arn", ROLE)

    arn = create("cli", PASS)["stateMachineArn"]
    checks.equal("aws create-state-machine", arn, machine_arn("cli"))
    start = ("start-execution", "--state-machine-arn", arn, "--name", "by-cli", "--input", '{"n":1}')
    started = aws(*start)["executionArn"]
    described = aws("describe-execution", "--execution-arn", started)
    for _ in range(10):
        if described["status"] != "RUNNING":
            break
        described = aws("describe-execution", "--execution-arn", started)
    checks.equal("aws describe-execution", (described["status"], described["output"]), ("SUCCEEDED", '"world"'))
    history = aws("get-execution-history", "--execution-arn", started, "--page-size", "2")["events"]
    checks.equal("aws get-execution-history, by pages of two", [e["id"] for e in history], [1, 2, 3, 4])
    listed = aws("list-executions", "--state-machine-arn", arn, "--status-filter", "SUCCEEDED")["executions"]
    checks.equal("aws list-executions", [e["name"] for e in listed], ["by-cli"])
    names = [m["name"] for m in aws("list-state-machines")["stateMachines"]]
    checks.true("aws list-state-machines", "cli" in names, names)
    waits = create("cli-waits", WAIT)["stateMachineArn"]
    running = aws("start-execution", "--state-machine-arn", waits)["executionArn"]
    checks.true("aws stop-execution", "stopDate" in aws("stop-execution", "--execution-arn", running, "--error", "E"))
    checks.equal("it is aborted", aws("describe-execution", "--execution-arn", running)["status"], "ABORTED")
    checks.equal("aws delete-state-machine", aws("delete-state-machine", "--state-machine-arn", waits), (0, ""))
    code, message = aws("describe-execution", "--execution-arn", started + "x")
    # Exit code and first word differ between versions 1 and 2 of the CLI; the rest of the sentence does not.
    checks.true("aws fails", code != 0, code)
    checks.true("aws says what is wrong", message.endswith(
        "An error occurred (ExecutionDoesNotExist) when calling the DescribeExecution operation: "
        f"Execution Does Not Exist: '{started}x'"), message)


def main():
    parser = argparse.ArgumentParser(
        description="boto3 and the AWS CLI against newel serve.", epilog="Last line: N passed, N failed.")
    parser.add_argument("newel", nargs="?", help="the binary; default: $NEWEL or the newest build of this checkout")
    options = parser.parse_args()
    if importlib.util.find_spec("boto3") is None or shutil.which("aws") is None:
        sys.exit("The smoke test needs boto3 and the AWS CLI: apt-get install python3-boto3 awscli, or by pip.")
    checks = Checks()
    with Daemon(find_newel(options.newel)) as daemon:
        client = boto_client(daemon)
        checks.group("machines", machines, client)
        checks.group("executions", executions, client)
        checks.group("lists and stops", lists_and_stops, client)
        checks.group("errors", errors, client)
        checks.group("the AWS CLI", cli, daemon)
        checks.group("the recipe move", moves.check, daemon, client)
        checks.equal("SIGTERM ends the daemon well", daemon.stop(), 0)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
