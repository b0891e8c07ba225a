# A `newel serve` process of one's own: found, started on free ports with a state folder of its own, killed, restarted.
import collections
import http.client
import json
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ACCOUNT = "000000000000"
REGION = "us-east-1"
# What a request raises when no whole answer came.
LOST = (OSError, http.client.HTTPException)


class DaemonError(Exception):
    """The daemon did not do what every check relies on: it did not start, or ended by itself."""


def find_newel(path=None):
    """The binary: what was asked for, $NEWEL, else the newest build of this checkout, which is made if need be."""
    path = path or os.environ.get("NEWEL")
    if path:
        if not os.access(path, os.X_OK):
            raise DaemonError(f"{path} is no program")
        return os.path.abspath(path)
    builds = [os.path.join(ROOT, ".build", kind, "newel") for kind in ("release", "debug")]
    found = [build for build in builds if os.access(build, os.X_OK)]
    if not found:
        subprocess.run(["swift", "build", "--product", "newel"], cwd=ROOT, check=True)
        found = [builds[1]]
    return max(found, key=os.path.getmtime)


def has_gateway():
    """Whether this checkout has a gateway to open: the routes that its configuration names."""
    with open(os.path.join(ROOT, "config", "newel.yaml"), encoding="utf8") as file:
        routes = re.search(r"^  openapi: *(\S+)", file.read(), re.MULTILINE)
    return routes is not None and os.path.exists(os.path.join(ROOT, "config", routes[1]))


class Daemon:
    """`with Daemon(binary) as daemon:` serves until the block ends. `api`, `gateway` and `admin` are (host, port)."""

    def __init__(self, binary, settings=(), gateway=None, starts=True):
        self.binary = binary
        self.settings = list(settings)
        self.starts = starts
        self.opens_gateway = has_gateway() if gateway is None else gateway
        self.folder = tempfile.mkdtemp(prefix="newel-test-")
        self.state = os.path.join(self.folder, "state")
        self.keeps_folder = False
        # Where the API listens; a port that a start was given stays with whoever sets it here.
        self.listens_at = "127.0.0.1:0"
        self.early_kills = 0
        # Executions that were under way, at each start.
        self.recovered = []
        self.process = None
        self.log = collections.deque(maxlen=200)
        self.api = self.gateway = self.admin = None

    def __enter__(self):
        if self.starts:
            self.start()
        return self

    def __exit__(self, kind, error, trace):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        if kind is None and not self.keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        print(f"The state is kept in {self.folder}")
        if kind is not None:
            print("The log's last lines:\n" + "\n".join(list(self.log)[-20:]))

    def start(self, timeout=60):
        """Starts and waits for readiness; gives how many seconds that took."""
        began = time.monotonic()
        ready = self._spawn()
        try:
            event = ready.get(timeout=timeout)
        except queue.Empty:
            event = None
        if event is None:
            self.kill()
            raise DaemonError("newel serve did not become ready:\n" + "\n".join(self.log))
        took = time.monotonic() - began
        self.api, self.admin = _address(event["api"]), _address(event["admin"])
        self.gateway = None if event["gateway"] == "off" else _address(event["gateway"])
        return took

    def start_and_kill(self, seconds):
        """Starts, and kills with SIGKILL after so many seconds, ready or not."""
        self._spawn()
        time.sleep(seconds)
        if self.ended() is not None:
            raise DaemonError("newel serve ended by itself:\n" + "\n".join(self.log))
        self.kill()
        self.early_kills += 1

    def _spawn(self):
        arguments = [
            self.binary, "serve", "--config", os.path.join(ROOT, "config", "newel.yaml"),
            "--listen-api", self.listens_at, "--listen-admin", "127.0.0.1:0",
            "--listen-gateway", "127.0.0.1:0" if self.opens_gateway else "off",
            "--store-url", "sqlite:" + self.state, "--log-format", "json",
        ]
        for setting in self.settings:
            arguments += ["--set", setting]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NEWEL")}
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", env=environment, cwd=self.folder)
        ready = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        return ready

    def _read(self, process, ready):
        for line in process.stdout:
            self.log.append(line.rstrip("\n"))
            if '"Recovered"' in line:
                self.recovered.append(int(json.loads(line)["executions"]))
            if '"Ready"' in line:
                ready.put(json.loads(line))
        ready.put(None)

    def kill(self):
        """SIGKILL, and waits until the process is gone."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout=15):
        """SIGTERM; gives the exit code. A daemon that does not drain in time is killed, and that is an error."""
        self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise DaemonError(f"newel serve did not end within {timeout} s of SIGTERM")

    def ended(self):
        """The exit code of a process that ended by itself, None while it runs."""
        return self.process.poll()

    @property
    def endpoint(self):
        return "http://%s:%d" % self.api


class Client:
    """Requests over one kept connection, by the standard library alone. Not for two threads at once."""

    def __init__(self, daemon, timeout=30):
        self.daemon = daemon
        self.timeout = timeout
        self.connection = None
        self.address = None

    def call(self, operation, **parameters):
        """A Step Functions call: (status, body)."""
        headers = {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions." + operation,
            "Authorization": "AWS4-HMAC-SHA256 Credential=newel/20260101/us-east-1/states/aws4_request, "
            "SignedHeaders=host, Signature=00",
        }
        return self.send(self.daemon.api, "POST", "/", json.dumps(parameters), headers)

    def knock(self, method, path, body=None, headers=None):
        """A request at the gateway: (status, body)."""
        headers = dict(headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        return self.send(self.daemon.gateway, method, path, None if body is None else json.dumps(body), headers)

    def send(self, address, method, path, body, headers):
        """Raises one of `LOST` when no whole answer came."""
        if self.connection is None or self.address != address:
            self.close()
            self.address = address
            self.connection = http.client.HTTPConnection(*address, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except LOST:
            self.close()
            raise
        try:
            return answer.status, json.loads(text) if text else None
        except ValueError:
            return answer.status, text.decode("utf8", "replace")

    def pages(self, operation, member, **parameters):
        """Every element of a paginated answer."""
        while True:
            status, body = self.call(operation, **parameters)
            if status != 200:
                raise DaemonError(f"{operation} {parameters}: {status} {body}")
            yield from body[member]
            if not body.get("nextToken"):
                return
            parameters["nextToken"] = body["nextToken"]

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def machine_arn(name):
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def role_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def _address(text):
    parts = urllib.parse.urlsplit("//" + text)
    return parts.hostname, parts.port
