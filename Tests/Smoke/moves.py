# The recipe move through the gateway: its answer, its rows, and its history event by event.
import json
import time

from daemon import ACCOUNT, REGION, Client, machine_arn, role_arn

MACHINE = machine_arn("move-recipe")


def function_arn(name):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def start_move(client, recipe, user):
    """Moves through the gateway where it is open, else straight through the API: (status, ARN or body)."""
    if client.daemon.gateway is not None:
        status, body = client.knock("POST", f"/recipes/{recipe}/move", {"user_id": user})
    else:
        status, body = client.call(
            "StartExecution", stateMachineArn=MACHINE, input=json.dumps({"id": recipe, "user_id": user}))
    arn = body.get("executionArn") if isinstance(body, dict) else None
    return status, arn or body


def check(checks, daemon, boto):
    client = Client(daemon)
    if daemon.gateway is None:
        print("NOT RUN: the gateway is not in this build; the move is started through the API")
    else:
        gateway_before(checks, client)
    status, arn = start_move(client, 1, 2)
    checks.equal("the move is accepted", status, 200 if daemon.gateway is None else 202)
    end = time.monotonic() + 30
    while True:
        described = boto.describe_execution(executionArn=arn)
        if described["status"] != "RUNNING" or time.monotonic() > end:
            break
        time.sleep(0.05)
    checks.equal("the move succeeds", described["status"], "SUCCEEDED")
    pages = boto.get_paginator("get_execution_history").paginate(executionArn=arn, PaginationConfig={"PageSize": 5})
    events = [event for page in pages for event in page["events"]]
    history(checks, arn, described, events)
    if daemon.gateway is not None:
        gateway_after(checks, client, arn)


def details(event):
    """The event's details member: (name, value)."""
    return next(((k, v) for k, v in event.items() if k.endswith("EventDetails")), (None, {}))


class Chain:
    """Walks a history along previousEventId and holds each event to what AWS records."""

    def __init__(self, checks, events):
        self.checks = checks
        self.events = {event["id"]: event for event in events}
        self.followers = {}
        for event in events:
            self.followers.setdefault(event["previousEventId"], []).append(event)
        self.seen = set()

    def expect(self, what, event, kind, member=None, **values):
        """Type, details member and the details' values; JSON texts are compared as JSON."""
        self.seen.add(event["id"])
        self.checks.equal(f"{what} is a {kind}", event["type"], kind)
        name, found = details(event)
        self.checks.equal(f"{what} has its details", name, member)
        self.checks.equal(f"{what} has these members", sorted(found), sorted(values))
        for key, value in values.items():
            actual = found.get(key)
            if isinstance(actual, str) and key in ("input", "output") and not isinstance(value, str):
                actual = json.loads(actual)
            self.checks.equal(f"{what}: {key}", actual, value)
        return event

    def after(self, event):
        """The one event that follows."""
        found = self.followers.get(event["id"], [])
        self.checks.equal(f"one event follows {event['id']} {event['type']}", len(found), 1)
        return found[0]

    def task(self, entered, state, function, state_input, payload):
        """A task from its Entered to its Succeeded; gives (the Succeeded event, the function's result)."""
        whole = {"truncated": False}
        self.expect(
            state, entered, "TaskStateEntered", "stateEnteredEventDetails", name=state, input=state_input,
            inputDetails=whole)
        scheduled = self.expect(
            f"{state}'s call", self.after(entered), "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails",
            resource=function_arn(function), input=payload, inputDetails=whole, timeoutInSeconds=60)
        started = self.expect(f"{state}'s start", self.after(scheduled), "LambdaFunctionStarted")
        succeeded = self.after(started)
        result = json.loads(details(succeeded)[1].get("output", "null"))
        self.expect(
            f"{state}'s result", succeeded, "LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails",
            output=result, outputDetails=whole)
        return succeeded, result

    def exit(self, succeeded, state, output):
        return self.expect(
            f"{state}'s exit", self.after(succeeded), "TaskStateExited", "stateExitedEventDetails", name=state,
            output=output, outputDetails={"truncated": False})


def history(checks, arn, described, events):
    checks.equal("the ids are 1 to 26", [event["id"] for event in events], list(range(1, 27)))
    chain, whole = Chain(checks, events), {"truncated": False}
    given = json.loads(described["input"])
    roots = [event["id"] for event in chain.followers[0]]
    checks.equal("the first state hangs at 0 as the start does", roots, [1, 2])
    chain.expect(
        "the start", chain.events[1], "ExecutionStarted", "executionStartedEventDetails", input=described["input"],
        inputDetails=whole, roleArn=role_arn("MoveRecipe"))
    succeeded, move = chain.task(
        chain.events[2], "UpdateRecipe", "update-recipe", given,
        {"id": given["id"], "user_id": given["user_id"], "token": arn})
    moved = dict(given, move=move)
    checks.equal("what was moved", (move["id"], move["moved"], move["new_user_id"]), (1, True, int(given["user_id"])))
    exited = chain.exit(succeeded, "UpdateRecipe", moved)
    checks.equal("the first task is events 2 to 6", exited["id"], 6)
    entered = chain.expect(
        "Index", chain.after(exited), "ParallelStateEntered", "stateEnteredEventDetails", name="Index", input=moved,
        inputDetails=whole)
    started = chain.expect("Index's start", chain.after(entered), "ParallelStateStarted")
    checks.equal("the Parallel starts as event 8", started["id"], 8)
    branches(chain, started, moved, described, whole)
    checks.equal("no event is left over", sorted(set(chain.events) - chain.seen), [])
    times = [event["timestamp"] for event in events]
    checks.equal("time never goes back", times, sorted(times))


def branches(chain, started, moved, described, whole):
    checks, move = chain.checks, moved["move"]
    heads = chain.followers.get(started["id"], [])
    calls = {
        "IndexRecipe": ("index-recipe", {"id": moved["id"], "version": move["version"]}),
        "IndexPreviousUser": (
            "index-user", {"user_id": move["previous_user_id"], "version": move["previous_user_version"]}),
        "IndexNewUser": ("index-user", {"user_id": move["new_user_id"], "version": move["new_user_version"]}),
    }
    checks.equal("three branches hang at the start", [details(h)[1].get("name") for h in heads], list(calls))
    ends, results = [], []
    for head in heads:
        state = details(head)[1]["name"]
        function, payload = calls[state]
        succeeded, result = chain.task(head, state, function, moved, payload)
        ends.append(chain.exit(succeeded, state, result))
        results.append(result)
    last = max(ends, key=lambda event: event["id"])
    closing = chain.followers.get(last["id"], [])
    checks.equal("Succeeded and Exited hang at the last branch", len(closing), 2)
    chain.expect("Index's success", closing[0], "ParallelStateSucceeded")
    output = dict(moved, indexed=results)
    exited = chain.expect(
        "Index's exit", closing[1], "ParallelStateExited", "stateExitedEventDetails", name="Index", output=output,
        outputDetails=whole)
    checks.equal("they are events 24 and 25", [event["id"] for event in closing], [24, 25])
    chain.expect(
        "the end", chain.after(exited), "ExecutionSucceeded", "executionSucceededEventDetails", output=output,
        outputDetails=whole)
    checks.equal("DescribeExecution gives the same output", json.loads(described["output"]), output)


# ---- the gateway


def gateway_before(checks, client):
    status, recipe = client.knock("GET", "/recipes/1")
    checks.equal("GET /recipes/1 before the move", (status, recipe.get("user_id")), (200, 1))


def gateway_after(checks, client, arn):
    status, recipe = client.knock("GET", "/recipes/1")
    checks.equal("GET /recipes/1 after the move", (status, recipe.get("user_id")), (200, 2))
    for user, has in ((1, False), (2, True)):
        status, row = client.knock("GET", f"/users/{user}")
        checks.equal(f"GET /users/{user}: whether recipe 1 is there", (status, 1 in row.get("recipes", [])), (200, has))
    status, found = client.knock("GET", "/search?q=leek")
    hits = {(hit["index"], str(hit["id"])): hit["source"] for hit in found.get("hits", [])}
    checks.equal("GET /search finds it", (status, hits.get(("recipes", "1"), {}).get("user_id")), (200, 2))
    status, move = client.knock("GET", "/moves/" + arn.rsplit(":", 1)[1])
    checks.equal("GET /moves/…", (status, move.get("status")), (200, "SUCCEEDED"))
