# The AWS services beside Step Functions that recorded cases call: Lambda, CloudWatch Logs and the names of IAM, as much
# of each as they use.
#
# Functions run in awslambdaric, AWS's own runtime for Python, so that what a handler raises arrives as on AWS.
import base64
import collections
import http.server
import io
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
import zipfile

ACCOUNT, REGION = "000000000000", "us-east-1"
# Where AWS unpacks a function: what its stack traces show.
TASK_ROOT = "/var/task"
RUNTIME_API = "/2018-06-01/runtime"
FUNCTIONS_API = "/2015-03-31/functions"


class Invocation:
    def __init__(self, payload):
        self.id = str(uuid.uuid4())
        self.payload = payload
        self.done = threading.Event()
        self.failed = False
        self.body = b""

    def finish(self, body, failed):
        if not self.done.is_set():
            self.body, self.failed = body, failed
            self.done.set()


class Function:
    """One function and its process, which serves one invocation at a time and is there from the first one on."""

    def __init__(self, description, folder, runtime_api):
        self.name = description["FunctionName"]
        self.arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"
        self.handler = description["Handler"]
        self.seconds = description.get("Timeout", 3)
        self.variables = description.get("Environment", {}).get("Variables", {})
        self.folder = folder
        self.runtime_api = runtime_api
        self.waiting = queue.Queue()
        self.current = None
        self.process = None
        self.gate = threading.Lock()
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(description["Code"]["ZipFile"])))
        archive.extractall(folder)

    def describe(self):
        return {
            "FunctionName": self.name, "FunctionArn": self.arn, "Handler": self.handler, "State": "Active",
            "Timeout": self.seconds, "Version": "$LATEST",
        }

    def invoke(self, payload):
        with self.gate:
            invocation = Invocation(payload)
            if self.process is None or self.process.poll() is not None:
                self.start()
            self.waiting.put(invocation)
            ends = time.monotonic() + self.seconds
            while not invocation.done.wait(0.05):
                prefix = f"RequestId: {invocation.id} Error: "
                if self.process.poll() is not None:
                    error = ("Runtime.ExitError", "Runtime exited without providing a reason")
                elif time.monotonic() > ends:
                    self.stop()
                    error = ("Sandbox.Timedout", f"Task timed out after {self.seconds:.2f} seconds")
                else:
                    continue
                self.waiting = queue.Queue()
                invocation.finish(json.dumps({"errorType": error[0], "errorMessage": prefix + error[1]}).encode(), True)
            return invocation

    def start(self):
        environment = {
            **os.environ, **self.variables, "AWS_LAMBDA_RUNTIME_API": self.runtime_api, "LAMBDA_TASK_ROOT": self.folder,
            "PYTHONPATH": self.folder, "AWS_LAMBDA_FUNCTION_NAME": self.name, "AWS_REGION": REGION, "TZ": ":UTC",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", self.handler], cwd=self.folder, env=environment,
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    # The Runtime API, which the process calls.

    def next(self):
        self.current = self.waiting.get()
        return self.current

    def finished(self, identifier, body, failed):
        if self.current is not None and self.current.id == identifier:
            self.current.finish(body.replace(self.folder.encode(), TASK_ROOT.encode()), failed)


class LogGroups:
    """Groups by name, each with its streams by name, each a list of events."""

    def __init__(self):
        self.groups = {}
        self.gate = threading.Lock()

    def call(self, operation, given):
        """The status and the body of an answer."""
        with self.gate:
            try:
                return 200, getattr(self, operation)(given)
            except KeyError:
                message = "The specified log group does not exist."
                return 400, {"__type": "ResourceNotFoundException", "message": message}

    def CreateLogGroup(self, given):
        self.groups.setdefault(given["logGroupName"], collections.defaultdict(list))
        return {}

    def DeleteLogGroup(self, given):
        del self.groups[given["logGroupName"]]
        return {}

    def DescribeLogGroups(self, given):
        names = sorted(name for name in self.groups if name.startswith(given.get("logGroupNamePrefix", "")))
        return {"logGroups": [
            {"logGroupName": name, "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"} for name in names]}

    def CreateLogStream(self, given):
        self.groups[given["logGroupName"]][given["logStreamName"]]
        return {}

    def PutLogEvents(self, given):
        streams = self.groups[given["logGroupName"]]
        if given["logStreamName"] not in streams:
            raise KeyError(given["logStreamName"])
        streams[given["logStreamName"]] += given["logEvents"]
        return {}

    def DescribeLogStreams(self, given):
        return {"logStreams": [{"logStreamName": name} for name in sorted(self.groups[given["logGroupName"]])]}

    def GetLogEvents(self, given):
        events = self.groups[given["logGroupName"]].get(given["logStreamName"], [])
        return {"events": [{**event, "ingestionTime": event["timestamp"]} for event in events]}


def identity(given, account):
    """What IAM answers when it makes a role or a policy: an ARN. Nothing is kept, since nobody is refused."""
    operation, parts = given["Action"], []
    for kind in ("Role", "Policy"):
        if operation == "Create" + kind:
            name = given[kind + "Name"]
            arn = f"arn:aws:iam::{account}:{kind.lower()}/{name}"
            parts.append(f"<{kind}><{kind}Name>{name}</{kind}Name><Arn>{arn}</Arn></{kind}>")
    result = f"<{operation}Result>{''.join(parts)}</{operation}Result>"
    return f"<{operation}Response>{result}</{operation}Response>".encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.route()

    def do_POST(self):
        self.route()

    def route(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        services, path = self.server.services, self.path.split("?")[0]
        target = self.headers.get("X-Amz-Target", "")
        if target.startswith("Logs_20140328."):
            return self.answer(*services.logs.call(target.split(".")[1], json.loads(body)))
        if path == "/" and self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            given = dict(urllib.parse.parse_qsl(body.decode()))
            return self.answer(200, identity(given, self.account()), {"Content-Type": "text/xml"})
        if runtime := re.fullmatch(f"/runtime-of/([^/]+){RUNTIME_API}(/.*)", path):
            return self.runtime(services.functions[runtime[1]], runtime[2], body)
        if path == FUNCTIONS_API:
            return self.answer(201, services.create(json.loads(body)).describe())
        if named := re.fullmatch(f"{FUNCTIONS_API}/([^/]+)(/invocations)?", path):
            name = named[1].replace("%3A", ":").split(":function:")[-1].split(":")[0]
            if name not in services.functions:
                message = f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:$LATEST"
                return self.answer(
                    404, {"Type": "User", "Message": message}, {"x-amzn-ErrorType": "ResourceNotFoundException"})
            function = services.functions[name]
            if not named[2]:
                return self.answer(200, {"Configuration": function.describe()})
            invocation = function.invoke(body or b"{}")
            headers = {"X-Amz-Executed-Version": "$LATEST"}
            if self.headers.get("X-Amz-Log-Type") == "Tail":
                log = f"START RequestId: {invocation.id} Version: $LATEST\nEND RequestId: {invocation.id}\n"
                headers["X-Amz-Log-Result"] = base64.b64encode(log.encode()).decode()
            if invocation.failed:
                headers["X-Amz-Function-Error"] = "Unhandled"
            return self.answer(200, invocation.body, headers)
        return self.answer(404, {"message": f"no such call: {self.command} {self.path} {target}"})

    def account(self):
        """Twelve digits as a key id are an account."""
        found = re.search(r"Credential=(\d{12})/", self.headers.get("Authorization", ""))
        return found[1] if found else ACCOUNT

    def runtime(self, function, call, body):
        if call == "/invocation/next":
            invocation = function.next()
            return self.answer(200, invocation.payload, {
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + function.seconds) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": function.arn,
            })
        if ended := re.fullmatch("/invocation/([^/]+)/(response|error)", call):
            function.finished(ended[1], body, failed=ended[2] == "error")
            return self.answer(202, {"status": "OK"})
        return self.answer(202, {})

    def answer(self, status, body, headers={}):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(data)
        except BrokenPipeError:
            # Whoever asked has gone: a task that timed out, or a process that was ended.
            self.close_connection = True

    def log_message(self, format, *arguments):
        pass


class Services:
    """`with Services() as services:` serves on a free port of loopback; `endpoint` is where."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.functions = {}
        self.logs = LogGroups()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.services = self
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def create(self, description):
        name = description["FunctionName"]
        function = Function(
            description, os.path.join(self.folder.name, name), f"127.0.0.1:{self.server.server_port}/runtime-of/{name}")
        self.functions[name] = function
        return function

    def __exit__(self, *error):
        for function in self.functions.values():
            function.stop()
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()
