# Every operation of the service by boto3, with paginators and waits by hand; a SAM template, rendered and loaded.
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import Daemon, find_newel, role_arn  # noqa: E402
from smoke import Checks, boto_client, settled  # noqa: E402

ROLE = role_arn("test")
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
OTHER = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 2, "End": True}}})
SAM = os.path.join(HERE, "sam-template.json")


class Recorder:
    """A client that remembers which operations it was asked for."""

    def __init__(self, client):
        self.client, self.called = client, set()
        client.meta.events.register("before-call.stepfunctions", lambda model, **_: self.called.add(model.name))

    def __getattr__(self, name):
        return getattr(self.client, name)


def catalog(checks, client):
    created = client.create_state_machine(
        name="m", definition=PASS, roleArn=ROLE, publish=True, versionDescription="first",
        tags=[{"key": "team", "value": "kitchen"}])
    arn = created["stateMachineArn"]
    checks.equal("The first version", created["stateMachineVersionArn"], arn + ":1")
    updated = client.update_state_machine(stateMachineArn=arn, definition=OTHER)
    checks.true("An update has a revision", "revisionId" in updated)
    second = client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    checks.equal("The second version", second, arn + ":2")
    versions = client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    checks.equal("Newest first", [v["stateMachineVersionArn"] for v in versions], [arn + ":2", arn + ":1"])
    routes = [
        {"stateMachineVersionArn": arn + ":1", "weight": 50}, {"stateMachineVersionArn": arn + ":2", "weight": 50}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    client.update_state_machine_alias(stateMachineAliasArn=alias, description="both")
    checks.equal(
        "The alias", client.describe_state_machine_alias(stateMachineAliasArn=alias)["description"], "both")
    checks.equal(
        "One alias", len(client.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]), 1)
    seen = set()
    for _ in range(40):
        started = client.start_execution(stateMachineArn=alias)
        seen.add(settled(client, started["executionArn"])["stateMachineVersionArn"])
    checks.equal("Both versions run", seen, {arn + ":1", arn + ":2"})
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=alias, PaginationConfig={"PageSize": 7})
    checks.equal("Pages of executions", sum(len(page["executions"]) for page in pages), 40)
    try:
        client.delete_state_machine_version(stateMachineVersionArn=arn + ":1")
        checks.true("A version in use stays", False)
    except client.exceptions.ConflictException:
        checks.true("A version in use stays", True)
    client.delete_state_machine_alias(stateMachineAliasArn=alias)
    client.delete_state_machine_version(stateMachineVersionArn=arn + ":1")
    client.tag_resource(resourceArn=arn, tags=[{"key": "k", "value": "v"}])
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    checks.equal("Tags", client.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "k", "value": "v"}])
    described = client.describe_state_machine(stateMachineArn=arn)
    checks.equal("The machine is there", described["status"], "ACTIVE")
    pages = client.get_paginator("list_state_machines").paginate()
    checks.true("It is listed", any(m["name"] == "m" for page in pages for m in page["stateMachines"]))
    checks.equal(
        "A definition is looked over", client.validate_state_machine_definition(definition=PASS)["result"], "OK")
    client.delete_state_machine(stateMachineArn=arn)


def activities(checks, client):
    arn = client.create_activity(name="pack")["activityArn"]
    checks.equal("The activity", client.describe_activity(activityArn=arn)["name"], "pack")
    pages = client.get_paginator("list_activities").paginate()
    checks.equal("Activities", [a["name"] for page in pages for a in page["activities"]], ["pack"])
    definition = {"StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": arn, "HeartbeatSeconds": 30, "End": True}}}
    machine = client.create_state_machine(name="packing", definition=json.dumps(definition), roleArn=ROLE)
    machine = machine["stateMachineArn"]
    got = []
    worker = threading.Thread(
        target=lambda: got.append(client.get_activity_task(activityArn=arn, workerName="w")), daemon=True)
    worker.start()
    execution = client.start_execution(stateMachineArn=machine, input='{"n": 1}')["executionArn"]
    worker.join(20)
    checks.equal("The task's input", json.loads(got[0]["input"]), {"n": 1})
    client.send_task_heartbeat(taskToken=got[0]["taskToken"])
    client.send_task_failure(taskToken=got[0]["taskToken"], error="Dropped", cause="it fell")
    failed = settled(client, execution)
    checks.equal("The worker's error", (failed["error"], failed["redriveStatus"]), ("Dropped", "REDRIVABLE"))
    try:
        client.send_task_success(taskToken=got[0]["taskToken"], output="1")
        checks.true("A token works once", False)
    except client.exceptions.TaskTimedOut:
        checks.true("A token works once", True)
    client.redrive_execution(executionArn=execution)
    task = client.get_activity_task(activityArn=arn)
    client.send_task_success(taskToken=task["taskToken"], output='{"packed": true}')
    done = settled(client, execution)
    checks.equal("After the redrive", (done["status"], done["redriveCount"]), ("SUCCEEDED", 1))
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": 3})
    kinds = [event["type"] for page in pages for event in page["events"]]
    checks.equal("The redrive is in the history", kinds.count("ExecutionRedriven"), 1)
    checks.equal(
        "The machine of the execution",
        client.describe_state_machine_for_execution(executionArn=execution)["stateMachineArn"], machine)
    client.delete_activity(activityArn=arn)
    again = client.start_execution(stateMachineArn=machine)["executionArn"]
    stopped = settled(client, again)
    checks.true("A task of no activity", "does not exist" in stopped["cause"])
    wait = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}})
    waiting = client.create_state_machine(name="waiting", definition=wait, roleArn=ROLE)["stateMachineArn"]
    held = client.start_execution(stateMachineArn=waiting)["executionArn"]
    client.stop_execution(executionArn=held, error="Enough")
    checks.equal("Stopped", settled(client, held)["status"], "ABORTED")
    checks.equal("No Map Run", client.list_map_runs(executionArn=held)["mapRuns"], [])
    ghost = "arn:aws:states:us-east-1:000000000000:mapRun:m/l:00000000-0000-0000-0000-000000000000"
    for call in (lambda: client.describe_map_run(mapRunArn=ghost), lambda: client.update_map_run(mapRunArn=ghost)):
        try:
            call()
            checks.true("No Map Run is found", False)
        except client.exceptions.ResourceNotFound:
            checks.true("No Map Run is found", True)


def single(checks, client):
    express = client.create_state_machine(name="x", definition=OTHER, roleArn=ROLE, type="EXPRESS")
    ran = client.start_sync_execution(stateMachineArn=express["stateMachineArn"])
    checks.equal("A synchronous execution", (ran["status"], ran["output"]), ("SUCCEEDED", "2"))
    state = {"Type": "Pass", "Parameters": {"b.$": "$.a"}, "Next": "N"}
    tested = client.test_state(definition=json.dumps(state), input='{"a": 1}', inspectionLevel="DEBUG")
    checks.equal("A state alone", (tested["output"], tested["nextState"]), ('{"b":1}', "N"))
    checks.equal("Its inside", tested["inspectionData"]["afterParameters"], '{"b":1}')


def sam(checks, client, daemon):
    """A SAM template through aws-sam-translator and `newel machine load`."""
    from samtranslator.translator.transform import transform

    class NoPolicies:
        def load(self):
            return {}

    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    with open(SAM, encoding="utf8") as file:
        rendered = transform(json.load(file), {}, NoPolicies())
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(rendered, file)
        file.flush()
        loaded = subprocess.run(
            [daemon.binary, "machine", "load", file.name, "--endpoint", daemon.endpoint, "--region", "us-east-1",
             "--parameter", "Currency=CHF"], capture_output=True, text=True, timeout=60)
    checks.equal("The template is loaded", (loaded.returncode, loaded.stderr), (0, ""))
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:Pay"
    checks.equal("Machine and alias", loaded.stdout.split(), [arn, arn + ":live"])
    states = json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])["States"]
    checks.equal(
        "Substitutions", (states["Charge"]["Resource"], states["Note"]["Result"]),
        ("arn:aws:lambda:us-east-1:000000000000:function:Charge", "CHF"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("newel", nargs="?")
    options = parser.parse_args()
    checks = Checks()
    with Daemon(find_newel(options.newel), gateway=False) as daemon:

        os.environ["AWS_DISABLE_HOST_PREFIX_INJECTION"] = "true"
        client = Recorder(boto_client(daemon))
        client.client.meta.config.inject_host_prefix = False
        for body in (catalog, activities, single):
            checks.group(body.__name__, body, client)
        missing = set(client.client.meta.service_model.operation_names) - client.called
        checks.equal("Every operation has been called", sorted(missing), [])
        checks.group("sam", sam, client, daemon)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
