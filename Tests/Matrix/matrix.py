# Every operation, every member, every way to break it: requests made from the service model of botocore, their answers
# from the rules of api.md §1.2 and §1.3. Nothing here asks Newel what is right; no part of the model is kept.
import argparse
import copy
import gzip
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Smoke"))
from daemon import Client, Daemon, find_newel, machine_arn, role_arn  # noqa: E402

LEAST = 600
PASS = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'
STATE = '{"Type":"Pass","End":true}'
# The service names the values of this enumeration in an order of its own; of the others the model's.
RECORDED_ORDER = {"ExecutionStatus": ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"]}
# A value that each pattern of the model refuses, within the bounds of length.
REFUSED = {r"\p{ASCII}*": "é", "[!-~]+": "a b", r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$": "123"}
# 256 KiB of payload are bytes, 1 MiB of definition too: there a character may be more than one of them.
IN_BYTES = {"SensitiveData", "Definition"}
KINDS = {"string": '"x"', "number": "7", "true": "true", "false": "false", "list": "[]", "object": "{}"}
TARGETS = {
    "string": "a String", "integer": "an Integer", "long": "a Long", "float": "a Float", "boolean": "a Boolean",
    "list": "a List", "structure": "a Structure",
}


def load_model():
    import botocore

    base = os.path.join(os.path.dirname(botocore.__file__), "data", "stepfunctions", "2016-11-23", "service-2.json")
    if os.path.exists(base):
        with open(base, encoding="utf8") as file:
            return json.load(file)
    with gzip.open(base + ".gz", "rt", encoding="utf8") as file:
        return json.load(file)


class Case:
    """A request and what it must be answered: `clauses` of a ValidationException, or a SerializationException's text,
    or neither when it only has to get past both."""

    def __init__(self, title, operation, body, clauses=None, serialization=None):
        self.title, self.operation, self.body = title, operation, body
        self.clauses, self.serialization = clauses, serialization

    def verdict(self, status, answer):
        """None when the answer is right, else what was expected."""
        kind, message = answer.get("__type"), answer.get("message", "")
        if self.serialization is not None:
            wanted = (400, "SerializationException", self.serialization)
        elif self.clauses is not None:
            count = len(self.clauses)
            text = f"{count} validation error{'' if count == 1 else 's'} detected: " + "; ".join(self.clauses)
            wanted = (400, "ValidationException", text)
        else:
            got_past = kind != "SerializationException" and "validation error" not in message
            return None if got_past and status in (200, 400, 404) else "an answer from behind the constraints"
        return None if (status, kind, message) == wanted else wanted


class Matrix:
    def __init__(self, model):
        self.shapes = model["shapes"]
        self.operations = {name: operation["input"]["shape"] for name, operation in model["operations"].items()}

    def cases(self):
        for operation, shape in sorted(self.operations.items()):
            yield from self.operation_cases(operation, shape)

    def operation_cases(self, operation, shape):
        base = self.valid(shape, operation)
        yield Case("only what is required", operation, base)
        yield Case("everything, and a member that nobody knows", operation, {**self.whole(shape, operation), "etc": 1})
        for path, member in self.members(shape):
            for title, value, clauses in self.broken(path, member):
                yield Case(f"{dotted(path)}: {title}", operation, self.put(base, shape, path, value, operation), clauses)
            for title, value in self.allowed(member):
                yield Case(f"{dotted(path)}: {title}", operation, self.put(base, shape, path, value, operation))
            for title, value, text in self.mistyped(member):
                body = self.put(base, shape, path, value, operation)
                yield Case(f"{dotted(path)}: {title}", operation, body, serialization=text)
        for path, member, is_list in self.required(shape):
            for title, value in (("missing", Missing), ("null", None)):
                body = self.put(base, shape, path, value, operation)
                clause = f"Value null at '{dotted(path)}' failed to satisfy constraint: Member must not be null"
                yield Case(f"{dotted(path)}: {title}", operation, body, [clause])
        yield from self.all_at_once(operation, shape)

    # ---- What the model says

    def members(self, name, path=()):
        """Every member below a structure, with the first element of each list: (path, shape name)."""
        for member, reference in self.shapes[name].get("members", {}).items():
            here = path + (member,)
            yield here, reference["shape"]
            yield from self.below(reference["shape"], here)

    def below(self, name, path):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            yield from self.members(name, path)
        elif shape["type"] == "list":
            element = shape["member"]["shape"]
            yield path + (0,), element
            yield from self.below(element, path + (0,))

    def required(self, name, path=()):
        shape = self.shapes[name]
        for member, reference in shape.get("members", {}).items():
            here = path + (member,)
            if member in shape.get("required", []):
                yield here, reference["shape"], False
            below = reference["shape"]
            if self.shapes[below]["type"] == "list":
                below, here = self.shapes[below]["member"]["shape"], here + (0,)
            if self.shapes[below]["type"] == "structure":
                yield from self.required(below, here)

    def valid(self, name, operation):
        """The least that the constraints let through."""
        shape = self.shapes[name]
        return {m: self.value(shape["members"][m]["shape"], m, operation) for m in shape.get("required", [])}

    def whole(self, name, operation):
        shape = self.shapes[name]
        return {m: self.value(r["shape"], m, operation, True) for m, r in shape.get("members", {}).items()}

    def value(self, name, member, operation, whole=False):
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            return self.whole(name, operation) if whole else self.valid(name, operation)
        if kind == "list":
            return [self.value(shape["member"]["shape"], member, operation, whole)]
        if kind == "boolean":
            return False
        if kind in ("integer", "long", "float"):
            return shape.get("min", 1)
        if "enum" in shape:
            return shape["enum"][0]
        return self.text(member, operation)

    @staticmethod
    def text(member, operation):
        if member == "definition":
            return STATE if operation == "TestState" else PASS
        if member == "roleArn":
            return role_arn("matrix")
        if member.lower().endswith("arn"):
            return machine_arn("none")
        return "{}" if member in ("input", "output", "variables", "context") else "matrix"

    # ---- Ways to break a member

    def broken(self, path, name):
        shape, where = self.shapes[name], dotted(path)
        for title, value, what in self.violations(name):
            yield title, value, [self.clause(shape, value, where, w) for w in what]

    def clause(self, shape, value, where, what):
        shown = "" if shape.get("sensitive") else f"'{self.java(shape, value)}' "
        return f"Value {shown}at '{where}' failed to satisfy constraint: {what}"

    def java(self, shape, value):
        if shape["type"] == "list":
            element = self.shapes[shape["member"]["shape"]]
            return "[" + ", ".join(self.java({**element, "name": shape["member"]["shape"]}, v) for v in value) + "]"
        if shape["type"] == "structure":
            pairs = (f"{m}={self.java(self.shapes[r['shape']], value[m])}" for m, r in shape["members"].items())
            return f"{shape['name']}({', '.join(pairs)})"
        return str(value)

    def violations(self, name):
        """(title, value, what is not satisfied) for every constraint of the shape."""
        shape = self.shapes[name]
        kind, low, high = shape["type"], shape.get("min"), shape.get("max")
        if kind == "string":
            yield from self.bad_texts(name, shape, low, high)
        elif kind in ("integer", "long", "float"):
            if low is not None:
                yield "too small", low - 1, [f"Member must have value greater than or equal to {low}"]
            if high is not None:
                yield "too large", high + 1, [f"Member must have value less than or equal to {high}"]
                yield "much too large", 2147483647, [f"Member must have value less than or equal to {high}"]
        elif kind == "list" and high is not None:
            element = shape["member"]["shape"]
            few = [self.value(element, "stateMachineVersionArn", "")] * (low - 1)
            many = [self.value(element, "stateMachineVersionArn", "")] * (high + 1)
            yield "too few", few, [f"Member must have length greater than or equal to {low}"]
            yield "too many", many, [f"Member must have length less than or equal to {high}"]

    def bad_texts(self, name, shape, low, high):
        pattern = shape.get("pattern")
        broken_pattern = [f"Member must satisfy regular expression pattern: {pattern}"] if pattern else []
        if "enum" in shape:
            values = ", ".join(RECORDED_ORDER.get(name, shape["enum"]))
            for title, value in (("unknown", "NEVER"), ("in the wrong case", shape["enum"][0].lower()), ("empty", "")):
                yield title, value, [f"Member must satisfy enum value set: [{values}]"]
        if high is not None:
            yield "too long", "a" * (high + 1), [f"Member must have length less than or equal to {high}"]
        if low:
            matches_empty = pattern is None or pattern.endswith("*")
            what = [f"Member must have length greater than or equal to {low}"]
            yield "too short", "a" * (low - 1), what + ([] if matches_empty else broken_pattern)
        if pattern:
            yield "against the pattern", REFUSED[pattern], broken_pattern
            if pattern.startswith("^"):
                for value in ("a b", "é", "a/b"):
                    yield f"against the pattern: {value}", value, broken_pattern

    def allowed(self, name):
        """Values at the very edge of what the constraints let through."""
        shape = self.shapes[name]
        low, high = shape.get("min"), shape.get("max")
        if shape["type"] == "string" and "enum" not in shape and high is not None:
            yield "as long as may be", "a" * high
            if "pattern" not in shape and name not in IN_BYTES:
                yield "as long as may be, in characters of four bytes", "😀" * high
            if not low:
                yield "empty", ""
        elif shape["type"] in ("integer", "long", "float"):
            yield from ((f"the edge {edge}", edge) for edge in (low, high) if edge is not None)
        yield from (("the value " + value, value) for value in shape.get("enum", []))

    def mistyped(self, name):
        kind = self.shapes[name]["type"]
        right = {
            "string": ("string",), "integer": ("number",), "long": ("number",), "float": ("number",),
            "boolean": ("true", "false"), "list": ("list",), "structure": ("object",),
        }[kind]
        for given, text in KINDS.items():
            if given in right:
                continue
            if given == "list":
                expected = "Start of list found where not expected"
            elif given == "object":
                expected = "Start of structure or map found where not expected."
            else:
                expected = f"{given.upper()}_VALUE can not be converted to {TARGETS[kind]}"
            yield f"a {given}", json.loads(text), expected

    def all_at_once(self, operation, name):
        """Every member of the request broken together: one message, its clauses in the model's order."""
        body, clauses = {}, []
        for member, reference in self.shapes[name].get("members", {}).items():
            first = next(self.broken((member,), reference["shape"]), None)
            if first is not None:
                body[member] = first[1]
                clauses += first[2]
            elif member in self.shapes[name].get("required", []):
                clauses.append(f"Value null at '{member}' failed to satisfy constraint: Member must not be null")
        if len(clauses) > 1:
            yield Case("all members at once", operation, body, clauses)

    # ---- Putting a value into a request

    def put(self, base, name, path, value, operation):
        body = copy.deepcopy(base)
        here, shape = body, name
        for step, following in zip(path, path[1:] + (None,)):
            members = self.shapes[shape]
            below = members["member"]["shape"] if step == 0 else members["members"][step]["shape"]
            if following is None:
                if value is Missing:
                    here.pop(step, None)
                else:
                    here[step] = value
                break
            if step != 0 and step not in here:
                here[step] = self.value(below, step, operation)
            here, shape = here[step], below
        return body


class Missing:
    """Stands for a member that is left out."""


def dotted(path):
    """`routingConfiguration.1.member.weight`."""
    return ".".join("1.member" if step == 0 else step for step in path)


def whole_requests():
    """Requests that are wrong before any member is looked at: (title, target, body, status, type, message)."""
    start = "AWSStepFunctions.StartExecution"
    yield "an operation that nobody has", "AWSStepFunctions.MakeCoffee", "{}", 404, "UnknownOperationException", None
    yield "an operation in the wrong case", "AWSStepFunctions.startExecution", "{}", 404, "UnknownOperationException", None
    yield "another service", "AmazonSSM.GetParameter", "{}", 404, "UnknownOperationException", None
    yield "no target", None, "{}", 404, "UnknownOperationException", None
    yield "a list", start, "[]", 400, "SerializationException", "Start of list found where not expected"
    for body in ('"x"', "7", "true", "null"):
        yield f"the body {body}", start, body, 400, "SerializationException", "Unexpected value type in payload"
    for body in ("{", "not json", "{'a': 1}", '{"a": }', '{"a": 1,}', "\x00"):
        yield f"the body {body!r}", start, body, 400, "SerializationException", ...
    yield "a body of 3 MiB", start, " " * (3 << 20), 413, ..., ...


def run_whole(client, daemon, report):
    for title, target, body, status, kind, message in whole_requests():
        headers = {"Content-Type": "application/x-amz-json-1.0"}
        if target is not None:
            headers["X-Amz-Target"] = target
        got_status, answer = client.send(daemon.api, "POST", "/", body, headers)
        answer = answer if isinstance(answer, dict) else {}
        holds = (
            got_status == status and kind in (..., answer.get("__type")) and message in (..., answer.get("message")))
        report(f"{title}", holds, (status, kind, message), (got_status, answer))


def main():
    parser = argparse.ArgumentParser(description="Every way to break every member of a request.")
    parser.add_argument("newel", nargs="?", help="the program; default: $NEWEL or the newest build")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every title")
    options = parser.parse_args()
    counts = {True: 0, False: 0}

    def report(title, holds, expected, got):
        counts[holds] += 1
        if options.verbose or (not holds and counts[False] <= 40):
            print(f"{'ok' if holds else 'FAILED'}: {title}")
        if not holds and counts[False] <= 40:
            print(f"    expected {str(expected)[:600]}\n    got      {str(got)[:600]}")

    with Daemon(find_newel(options.newel), gateway=False) as daemon:
        client = Client(daemon)
        for case in Matrix(load_model()).cases():
            status, answer = client.call(case.operation, **case.body)
            wanted = case.verdict(status, answer if isinstance(answer, dict) else {})
            report(f"{case.operation}, {case.title}", wanted is None, wanted, (status, answer))
        run_whole(client, daemon, report)
        report(f"at least {LEAST} requests", sum(counts.values()) >= LEAST, LEAST, sum(counts.values()))
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
