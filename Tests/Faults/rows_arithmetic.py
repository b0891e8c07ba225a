# Faults that come in as numbers: arithmetic on what clients, definitions and templates supply (A1).
import concurrent.futures
import itertools
import json
import random
import threading
import time

from trial import PASS, Client, Supervisor, after_wait, create, error_of, expression_state, outcome, row, start, test_state

ENDS = [2**63 - 1, -(2**63), 2**63, 2**64, 2**53, -1, 0, 1, 0.5, 1e308, -1e308, 5e-324, 2**31, -(2**31) - 1]
TEXTS = ["", "a", "\U0001f600", "-9223372036854775808", "1e999", "a" * 300]
OTHERS = [None, True, [], [1], [[]], {}, {"a": 1}]
VALUES = ENDS + TEXTS + OTHERS

FUNCTIONS = """
    sum max min average count abs floor ceil round power sqrt formatNumber formatBase formatInteger parseInteger number
    boolean not length substring substringBefore substringAfter uppercase lowercase trim pad contains split join match
    replace string append reverse sort shuffle distinct zip keys lookup spread merge single fromMillis toMillis
    base64encode base64decode encodeUrl encodeUrlComponent decodeUrl decodeUrlComponent partition range hash random parse
    type exists error assert clone""".split()
OPERATORS = ["+", "-", "*", "/", "%", "&", "<", "<=", ">", ">=", "=", "!=", "in", "and", "or", "..", "."]
INTRINSICS = {
    "Array": 3, "ArrayPartition": 2, "ArrayContains": 2, "ArrayRange": 3, "ArrayGetItem": 2, "ArrayLength": 1,
    "ArrayUnique": 1, "Base64Encode": 1, "Base64Decode": 1, "Hash": 2, "JsonMerge": 3, "MathRandom": 3, "MathAdd": 2,
    "StringSplit": 2, "Format": 3, "StringToJson": 1, "JsonToString": 1}


def literal(value):
    """A value as JSONata writes it."""
    return json.dumps(value)


def samples(product, count, seed):
    everything = list(product)
    return everything if len(everything) <= count else random.Random(seed).sample(everything, count)


def each_state(run, states, width=3):
    """Tests each (state, input) by TestState. Every one has an answer of the API and the daemon lives."""
    daemon = run.daemon()
    local, statuses = threading.local(), {}

    def one(case):
        if not hasattr(local, "client"):
            local.client = Client(daemon, 20)
        try:
            status = test_state(local.client, *case)[0]
        except (OSError, ValueError) as error:
            return f"no answer ({type(error).__name__}) to {json.dumps(case)[:300]}"
        return status

    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        for result in pool.map(one, states):
            statuses[result] = statuses.get(result, 0) + 1
    run.see(f"{len(states)} calls, answers {({k: v for k, v in statuses.items() if isinstance(k, int)})}")
    silent = [result for result in statuses if isinstance(result, str)]
    run.check("every call has an answer", not silent, "; ".join(silent[:2]))
    run.check("none is a server error", not any(s >= 500 for s in statuses if isinstance(s, int)))
    run.alive(daemon)


# ---- A1, arithmetic


@row("A1.operators", "JSONata: every operator between the ends of every type", "an answer to each; same pid")
def operators(run):
    pairs = samples(itertools.product(VALUES, OPERATORS, VALUES), 1200, 1)
    texts = [
        f"[{literal(a)}..{literal(b)}]" if op == ".." else f"({literal(a)}) {op} ({literal(b)})" for a, op, b in pairs]
    texts += ["[0..9223372036854775807]", "[-9223372036854775808..-1]", "(-9223372036854775808)/-1",
              "(-9223372036854775808)%-1", "[1,2,3][9223372036854775807]", "[1,2,3][-9223372036854775808]",
              "[1,2,3][1e308]", "-(-9223372036854775808)", "[1..3][[-9223372036854775808..-9223372036854775807]]"]
    each_state(run, [(expression_state(text), {}) for text in texts])


@row("A1.functions", "JSONata: every function with the ends of every type", "an answer to each; same pid")
def functions(run):
    cases = [(name, args) for name in FUNCTIONS for count in (1, 2, 3)
             for args in samples(itertools.product(VALUES, repeat=count), 9, name + str(count))]
    texts = [f"${name}({', '.join(map(literal, args))})" for name, args in cases]
    pictures = ["#", "0.0e0", "#,##0.00;(#)", "0" * 400, "w", "Ww", "I", "A", "00:00", "[Y0001]-[M01]"]
    texts += [f"$formatNumber({n}, '{p}')" for n in ENDS for p in pictures[:4]]
    texts += [f"$formatInteger({n}, '{p}')" for n in ENDS for p in pictures[4:]]
    texts += [f"$fromMillis({n}, '[Y]-[M01]-[D01]T[H01]:[m]:[s].[f001][Z]')" for n in ENDS]
    each_state(run, [(expression_state(text), {}) for text in texts])


@row("A1.intrinsics", "JSONPath: every intrinsic function with the ends of every type", "an answer to each; same pid")
def intrinsics(run):
    cases = []
    for name, most in INTRINSICS.items():
        for count in range(1, most + 1):
            for args in samples(itertools.product(VALUES, repeat=count), 40, name + str(count)):
                call = f"States.{name}({', '.join(f'$.v{n}' for n in range(count))})"
                cases.append(({"Type": "Pass", "Parameters": {"r.$": call}, "End": True},
                              {f"v{n}": value for n, value in enumerate(args)}))
    each_state(run, cases)


@row("A1.paths", "JSONPath: indices, slices and filters with the ends of Int64 and beyond",
     "an answer to each; same pid")
def paths(run):
    numbers = [2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**31, -(2**31), -1, 0, 10**30]
    texts = [f"$.a[{n}]" for n in numbers] + [f"$.a[{n},{m}]" for n in numbers for m in numbers]
    texts += [f"$.a[{n}:{m}]" for n in numbers for m in numbers]
    texts += [f"$.a[{n}:{m}:{s}]" for n, m, s in samples(itertools.product(numbers, numbers, numbers), 60, 3)]
    texts += [f"$.a[?(@ {op} {n})]" for op in ("==", "<", ">=") for n in numbers + [1e308, "1e400", "-1e-400"]]
    texts += [f"$.a[(@.length-{n})]" for n in numbers] + [f"$.a[-{n}:]" for n in numbers if n > 0]
    texts += ["$.a[?(@.size() > 9223372036854775807)]", "$.a[:-9223372036854775808]", "$..[9223372036854775807]"]
    states = [({"Type": "Pass", "InputPath": text, "End": True}, {"a": [1, 2, 3, "x"]}) for text in texts]
    states += [({"Type": "Pass", "Result": 1, "ResultPath": f"$.a[{n}]", "End": True}, {"a": [1]}) for n in numbers]
    each_state(run, states)


@row("A1.fields", "every number field of a definition at the ends of its type, and by path from the input",
     "an answer to each; same pid")
def fields(run):
    states = []
    task = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "End": True}
    for n in ENDS:
        states += [({"Type": "Wait", "Seconds": n, "End": True}, {}),
                   ({"Type": "Wait", "SecondsPath": "$.n", "End": True}, {"n": n}),
                   ({"Type": "Wait", "TimestampPath": "$.n", "End": True}, {"n": f"{n}-01-01T00:00:00Z"}),
                   ({"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $states.input.n %}", "End": True},
                    {"n": n})]
        retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": n, "MaxAttempts": n, "BackoffRate": n,
                 "MaxDelaySeconds": n}
        for members in ({"TimeoutSeconds": n}, {"HeartbeatSeconds": n}, {"Retry": [retry]},
                        {"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "BackoffRate": n}]},
                        {"TimeoutSecondsPath": "$.n"}, {"HeartbeatSecondsPath": "$.n"}):
            states.append(({**task, **members}, {"n": n}))
        inner = {"ProcessorConfig": {"Mode": "INLINE"}, **PASS}
        for members in ({"MaxConcurrency": n}, {"MaxConcurrencyPath": "$.n"}, {"ToleratedFailureCount": n},
                        {"ToleratedFailurePercentage": n}, {"ToleratedFailurePercentagePath": "$.n"}):
            states.append(({"Type": "Map", "ItemsPath": "$.a", "ItemProcessor": inner, "End": True, **members},
                           {"n": n, "a": [1]}))
    each_state(run, states)


@row("A1.retries", "executions whose retries, time-outs and waits have the ends of their types",
     "each ends or waits; same pid; a restart is ready")
def retries(run):
    daemon = run.daemon()
    client, made = Client(daemon), 0
    for number, n in enumerate(ENDS):
        for field in ("IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "MaxAttempts"):
            retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 2, field: n}
            child = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:none", "End": True,
                     "Retry": [retry]}
            machine = {"StartAt": "T", "States": {"T": child}}
            status, body = client.call("CreateStateMachine", name=f"r{number}{field}", roleArn="arn:aws:iam::"
                                       "000000000000:role/any", definition=json.dumps(machine))
            if status == 200:
                start(client, body["stateMachineArn"])
                made += 1
        for field in ("SecondsPath", "TimestampPath"):
            name = f"w{number}{field}"
            machine = create(client, name, {"StartAt": "W", "States": {"W": {"Type": "Wait", field: "$.n", "End": True}}})
            start(client, machine, {"n": n if field == "SecondsPath" else f"{n}-01-01T00:00:00Z"})
            made += 1
    time.sleep(1.5)
    run.check("executions were made", made > 30, f"{made} executions")
    run.alive(daemon)
    daemon.kill()
    run.see(f"ready again in {daemon.start():.1f} s")
    run.alive(daemon)


@row("A1.api", "numbers of API requests at the ends of their types", "an answer below 500 to each; same pid")
def api_numbers(run):
    daemon = run.daemon()
    client, statuses = Client(daemon), {}
    machine = create(client, "m", PASS)
    execution = start(client, machine)
    cases = [("ListStateMachines", "maxResults", {}), ("ListExecutions", "maxResults", {"stateMachineArn": machine}),
             ("GetExecutionHistory", "maxResults", {"executionArn": execution}), ("ListActivities", "maxResults", {}),
             ("ListMapRuns", "maxResults", {"executionArn": execution}),
             ("ListStateMachineVersions", "maxResults", {"stateMachineArn": machine}),
             ("ListStateMachineAliases", "maxResults", {"stateMachineArn": machine}),
             ("UpdateMapRun", "maxConcurrency", {"mapRunArn": "arn:aws:states:us-east-1:000000000000:mapRun:m/x:y"}),
             ("UpdateMapRun", "toleratedFailurePercentage",
              {"mapRunArn": "arn:aws:states:us-east-1:000000000000:mapRun:m/x:y"}),
             ("ValidateStateMachineDefinition", "maxResults", {"definition": json.dumps(PASS)})]
    for operation, member, others in cases:
        for value in VALUES:
            status, _ = client.call(operation, **others, **{member: value})
            statuses[status] = statuses.get(status, 0) + 1
    for value in VALUES:
        status, _ = client.call("CreateStateMachineAlias", name="a", routingConfiguration=[
            {"stateMachineVersionArn": machine + ":1", "weight": value}])
        statuses[status] = statuses.get(status, 0) + 1
        for member in ("retrierRetryCount", "mapIterationFailureCount"):
            status, _ = test_state(client, {"Type": "Pass", "End": True}, {}, stateConfiguration={member: value})
            statuses[status] = statuses.get(status, 0) + 1
    run.check("none is a server error", all(status < 500 for status in statuses), statuses)
    run.alive(daemon)


@row("A1.map-items", "Map over [0..$states.input.last] with last = 2^63-1 after a Wait; then SIGKILL and a restart",
     "States.QueryEvaluationError; same pid; a supervised start is ready")
def map_items(run):
    daemon = run.daemon()
    client = Client(daemon)
    definition = {
        "QueryLanguage": "JSONata", "StartAt": "M", "States": {"M": {
            "Type": "Map", "Items": "{% [0..$states.input.last] %}", "ItemProcessor": PASS, "End": True}}}
    machine = create(client, "map", after_wait(definition))
    arn = start(client, machine, {"last": 2**63 - 1})
    time.sleep(1.6)
    if run.alive(daemon):
        run.check("it fails with the error of an evaluation", error_of(outcome(client, arn, 5)) ==
                  "States.QueryEvaluationError", error_of(outcome(client, arn, 5)))
        start(client, machine, {"last": 2**63 - 1})
        daemon.kill()
    supervisor = Supervisor(daemon)
    run.check("one life is enough", supervisor.until_ready(40, lives=4) == 1, f"codes {supervisor.codes}")
    run.alive(daemon)
