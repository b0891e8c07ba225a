# What the rows are made of: a daemon whose disk, clock and life a row controls, probes beside it, and the verdict.
import collections
import ctypes
import glob
import http.client
import json
import mmap
import os
import queue
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Smoke"))
from daemon import ACCOUNT, REGION, Client, Daemon, DaemonError, find_newel, machine_arn, role_arn  # noqa: E402,F401

# The switches of shim.c, in its order.
SWITCHES = [
    "clock_nanoseconds", "sync_errno", "sync_microseconds", "write_errno", "read_errno", "death", "failed_calls",
    "first_failure", "deaths"]
# systemd does not restart after these (RestartPreventExitStatus of systemd/newel.service).
FINAL_CODES = {64, 65, 78}
ROLE = role_arn("any")
PASS = {"StartAt": "S1", "States": {"S1": {"Type": "Pass", "End": True}}}


class Broken(Exception):
    """A row cannot continue: a promise it builds on is broken."""


class NotRun(Exception):
    """A row needs what this machine does not permit."""


# ---- The binary and its configuration


def configuration_folder(binary):
    """The configuration that belongs to the binary: of the checkout it was built in, else of this one."""
    folder = os.path.dirname(binary)
    while folder != "/":
        if os.path.exists(os.path.join(folder, "config", "newel.yaml")):
            return os.path.join(folder, "config")
        folder = os.path.dirname(folder)
    return os.path.join(ROOT, "config")


def setting_names(folder):
    """What the gateway's settings are called: (section, listener)."""
    with open(os.path.join(folder, "newel.yaml"), encoding="utf8") as file:
        return ("frontDoor", "door") if "\nfrontDoor:" in file.read() else ("gateway", "gateway")


def unit_text(binary):
    """The unit that belongs to the binary."""
    folder = os.path.dirname(configuration_folder(binary))
    with open(os.path.join(folder, "systemd", "newel.service"), encoding="utf8") as file:
        return file.read()


def service_environment(binary):
    """The Environment= lines of the unit: what production runs with."""
    return dict(re.findall(r'^Environment="?([^=\s]+)=([^"\n]*)"?$', unit_text(binary), re.MULTILINE))


def build_shim(folder):
    """Compiles shim.c and returns the library's path."""
    library = os.path.join(folder, "shim.so")
    subprocess.run(
        ["cc", "-O2", "-shared", "-fPIC", "-w", "-o", library, os.path.join(HERE, "shim.c"), "-ldl"], check=True)
    return library


class Shim:
    """The mapped switches of shim.c. Attributes are read from and written to the running process."""

    def __init__(self, library, folder, match=""):
        self.__dict__["path"] = os.path.join(folder, "switches")
        with open(self.path, "wb") as file:
            file.write(bytes(8 * len(SWITCHES)))
        with open(self.path, "r+b") as file:
            self.__dict__["memory"] = mmap.mmap(file.fileno(), 8 * len(SWITCHES))
        self.__dict__["environment"] = {
            "LD_PRELOAD": library, "FAULT_CONTROL": self.path, "FAULT_MATCH": match}

    def __getattr__(self, name):
        return struct.unpack_from("q", self.memory, 8 * SWITCHES.index(name))[0]

    def __setattr__(self, name, value):
        struct.pack_into("q", self.memory, 8 * SWITCHES.index(name), int(value))


def die_with_parent():
    """In the child: SIGKILL when the driver ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


# ---- The daemon


class FaultyDaemon(Daemon):
    """A daemon of which a row controls files, environment, configuration and lives."""

    def __init__(self, binary, settings=(), gateway=False, shim=None, environment=None, umask=None, prefix=None):
        super().__init__(binary, settings, gateway=gateway, starts=False)
        self.shim = shim
        self.environment = dict(environment or {})
        self.umask = umask
        self.extra = []
        self.config = os.path.join(self.folder, "config")
        shutil.copytree(configuration_folder(binary), self.config)
        self.section, self.listener = setting_names(self.config)
        self.lines = collections.deque(maxlen=100_000)
        self.prefix = prefix
        self.pid = None

    def edit(self, name, old, new):
        """Replaces text of a configuration file; the text must be there."""
        path = os.path.join(self.config, name)
        with open(path, encoding="utf8") as file:
            text = file.read()
        if old not in text:
            raise Broken(f"{name} does not contain {old!r}")
        with open(path, "w", encoding="utf8") as file:
            file.write(text.replace(old, new))

    def arguments(self):
        arguments = [
            self.binary, "serve", "--config", os.path.join(self.config, "newel.yaml"),
            "--listen-api", self.listens_at, "--listen-admin", "127.0.0.1:0",
            f"--listen-{self.listener}", "127.0.0.1:0" if self.opens_gateway else "off",
            "--store-url", "sqlite:" + self.state, "--log-format", "json"]
        for setting in self.settings:
            arguments += ["--set", setting.replace("gateway.", self.section + ".", 1)
                          if setting.startswith("gateway.") else setting]
        return arguments + self.extra

    def _spawn(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NEWEL")}
        environment.update(self.environment)
        if self.shim is not None:
            environment.update(self.shim.environment)

        def prepare():
            die_with_parent()
            if self.umask is not None:
                os.umask(self.umask)

        self.process = subprocess.Popen(
            self.arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", env=environment, cwd=self.folder, preexec_fn=prepare)
        self.pid = self.process.pid
        self.log.clear()
        ready = queue.Queue()
        self.reader = threading.Thread(target=self._read, args=(self.process, ready), daemon=True)
        self.reader.start()
        return ready

    def _read(self, process, ready):
        for line in process.stdout:
            line = line.rstrip("\n")
            self.log.append(line)
            self.lines.append(line)
            if '"Recovered"' in line:
                self.recovered.append(int(json.loads(line)["executions"]))
            if '"Ready"' in line:
                event = json.loads(line)
                event.setdefault("gateway", event.get("door", "off"))
                ready.put(event)
        ready.put(None)

    def run_to_end(self, timeout=30):
        """Starts a process that is expected to end by itself; returns its exit code, `None` if it became ready."""
        ready = self._spawn()
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                event = ready.get(timeout=0.1)
                if event is not None:
                    self._is_ready(event)
                    return None
            except queue.Empty:
                pass
            if self.process.poll() is not None:
                self.reader.join(5)
                return self.process.returncode
        self.kill()
        raise Broken(f"newel serve neither ended nor became ready in {timeout} s")

    def _is_ready(self, event):
        self.api, self.admin, self.gateway = (
            None if event[name] == "off" else tuple(event[name].rsplit(":", 1)) for name in ("api", "admin", "gateway"))
        self.api, self.admin, self.gateway = (
            address and (address[0], int(address[1])) for address in (self.api, self.admin, self.gateway))

    def wait_for_end(self, timeout):
        """The exit code, `None` if it still runs."""
        try:
            code = self.process.wait(timeout)
            self.reader.join(5)
            return code
        except subprocess.TimeoutExpired:
            return None

    def words(self, pattern):
        """The log lines of all lives that match."""
        return [line for line in list(self.lines) if re.search(pattern, line)]

    def said(self):
        """The last line of the log, shortened, for the `seen` column."""
        lines = [line for line in self.log if line.strip()]
        for line in reversed(lines):
            try:
                event = json.loads(line)
                text = f"{event.get('event', '')} {event.get('error', '')}".strip()
            except ValueError:
                text = line
            if text:
                return text[:300]
        return "nothing"

    def admin_status(self, path="/readyz", timeout=10):
        """The status of a health check; 0 without an answer."""
        try:
            return Client(self, timeout).send(self.admin, "GET", path, None, {})[0]
        except (OSError, http.client.HTTPException):
            return 0

    def metric(self, name):
        """The sum of a metric over its labels, `None` if there is none of that name."""
        _, text = Client(self).send(self.admin, "GET", "/metrics", None, {})
        values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", str(text), re.MULTILINE)
        return sum(map(float, values)) if values else None

    def metrics(self, pattern):
        """Names and values of the metrics whose name matches."""
        _, text = Client(self).send(self.admin, "GET", "/metrics", None, {})
        return re.findall(rf"^(\S*(?:{pattern})\S*) (\S+)$", str(text), re.MULTILINE)

    def command(self, *arguments, timeout=30):
        """Runs a client command of the same binary: (exit code, standard output, standard error)."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("NEWEL", "AWS"))}
        if self.api:
            environment["AWS_ENDPOINT_URL_SFN"] = self.endpoint
        result = subprocess.run(
            [self.binary, *arguments], capture_output=True, text=True, timeout=timeout, env=environment,
            cwd=self.folder, stdin=subprocess.DEVNULL)
        return result.returncode, result.stdout, result.stderr

    def memory(self, kind="VmRSS"):
        """MiB; VmHWM is the peak since `forget_peak`."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            found = re.search(rf"^{kind}:\s+(\d+)", file.read(), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        return self.memory()

    def path(self, name):
        return os.path.join(self.state, name)


class Supervisor:
    """Imitates systemd with the shipped unit: restarts on failure but not after 64, 65 and 78, one second apart."""

    def __init__(self, daemon, rest=1.0):
        self.daemon, self.rest = daemon, rest
        self.codes = []

    def until_ready(self, timeout=60, lives=12, ready_within=60):
        """Starts again and again until a start becomes ready and lives for two seconds; returns the lives it took.
        Raises `Broken` when the unit would have stopped or nothing became ready in time."""
        end = time.monotonic() + timeout
        for life in range(1, lives + 1):
            if time.monotonic() > end:
                break
            try:
                self.daemon.start(timeout=ready_within)
                code = self.daemon.wait_for_end(2)
                if code is None:
                    return life
            except DaemonError:
                code = self.daemon.process.returncode
            self.codes.append(code)
            if code == 0 or code in FINAL_CODES:
                raise Broken(f"the supervisor stops after exit code {code}: {self.daemon.said()}")
            time.sleep(self.rest)
        raise Broken(f"no start stayed ready in {len(self.codes)} lives (codes {self.codes}): {self.daemon.said()}")


# ---- Probes


class Prober:
    """Starts executions of a machine at a constant rate and measures each answer from the moment it was due."""

    def __init__(self, daemon, machine, rate=10.0, clients=8, timeout=30, body="{}"):
        self.daemon, self.machine, self.rate, self.timeout, self.body = daemon, machine, rate, timeout, body
        self.times, self.refused, self.arns = [], [], []
        self.lock, self.stopping, self.number = threading.Lock(), threading.Event(), 0
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        client = Client(self.daemon, self.timeout)
        while True:
            with self.lock:
                due = self.began + self.number / self.rate
                self.number += 1
            if self.stopping.wait(max(0, due - time.monotonic())):
                return
            try:
                status, body = client.call("StartExecution", stateMachineArn=self.machine, input=self.body)
            except (OSError, http.client.HTTPException) as error:
                status, body = 0, repr(error)
            took = time.monotonic() - due
            with self.lock:
                if status == 200:
                    self.times.append(took)
                    self.arns.append(body["executionArn"])
                else:
                    self.refused.append((took, status, str(body)[:200]))

    def stop(self, timeout=30):
        """Returns the slowest answer in seconds; those without a 200 count as slow as they were."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout)
        with self.lock:
            pending = [timeout] * sum(thread.is_alive() for thread in self.threads)
            return max(self.times + [entry[0] for entry in self.refused] + pending, default=float("inf"))

    def percentile(self, share):
        values = sorted(self.times)
        return values[min(len(values) - 1, int(share * len(values)))] if values else float("inf")


class Waits:
    """Executions with a Wait of some seconds, and how late each was woken by the history's own times."""

    def __init__(self, daemon, name="waits", seconds=2):
        self.daemon, self.seconds, self.arns = daemon, seconds, []
        definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}
        self.machine = create(Client(daemon), name, definition)

    def start(self, count=1):
        client = Client(self.daemon)
        for _ in range(count):
            self.arns.append(start(client, self.machine))

    def lateness(self, timeout=30):
        """Seconds between the time that each was due and the time that its Wait ended, in the order of starting."""
        client, late = Client(self.daemon, timeout), []
        for arn in self.arns:
            if outcome(client, arn, timeout)["status"] != "SUCCEEDED":
                return [float("inf")]
            events = {event["type"]: event["timestamp"] for event in history(client, arn)}
            late.append(events["WaitStateExited"] - events["WaitStateEntered"] - self.seconds)
        return late


def create(client, name, definition, kind="STANDARD", **more):
    """The ARN of a new machine."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    status, body = client.call("CreateStateMachine", name=name, definition=text, roleArn=ROLE, type=kind, **more)
    if status != 200:
        raise Broken(f"CreateStateMachine {name}: {status} {str(body)[:300]}")
    return body["stateMachineArn"]


def start(client, machine, value=None, **more):
    """The ARN of a new execution. Text is sent as it is, other values as JSON."""
    text = value if isinstance(value, str) else json.dumps({} if value is None else value, separators=(",", ":"))
    status, body = client.call("StartExecution", stateMachineArn=machine, input=text, **more)
    if status != 200:
        raise Broken(f"StartExecution: {status} {str(body)[:300]}")
    return body["executionArn"]


def outcome(client, arn, timeout=30):
    """The description of an execution once it has ended, or as it is when the time is over."""
    end = time.monotonic() + timeout
    while True:
        try:
            status, body = client.call("DescribeExecution", executionArn=arn)
        except (OSError, http.client.HTTPException) as error:
            status, body = 0, {"status": f"no answer ({error!r})"}
        if status == 200 and body["status"] != "RUNNING":
            return body
        if time.monotonic() > end:
            return body if status == 200 else {"status": f"{status} {str(body)[:100]}"}
        time.sleep(0.05)


def history(client, arn):
    return list(client.pages("GetExecutionHistory", "events", executionArn=arn, maxResults=1000))


def error_of(described):
    return described.get("error") or described["status"]


def jsonata(expression, **fields):
    """A definition of one Pass state that evaluates the expression."""
    state = {"Type": "Pass", "Output": "{% " + expression + " %}", "End": True, **fields}
    return {"QueryLanguage": "JSONata", "StartAt": "E", "States": {"E": state}}


def expression_state(expression):
    """The state of TestState that evaluates the expression."""
    return {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% " + expression + " %}", "End": True}


def after_wait(definition, seconds=1):
    """The definition with a Wait before it, so that it can be met by a restart."""
    states = {"Before": {"Type": "Wait", "Seconds": seconds, "Next": definition["StartAt"]}, **definition["States"]}
    return {**definition, "StartAt": "Before", "States": states}


def test_state(client, state, value=None, **more):
    """TestState: (status, body)."""
    return client.call(
        "TestState", definition=json.dumps(state), roleArn=ROLE, input=json.dumps({} if value is None else value),
        **more)


def raw(address, request, shut=False, timeout=10, limit=65536):
    """Sends bytes and returns what comes until the peer closes, the time is over or an answer is whole."""
    answer = b""
    with socket.create_connection(address, timeout=timeout) as connection:
        connection.sendall(request)
        if shut:
            connection.shutdown(socket.SHUT_WR)
        try:
            while len(answer) < limit:
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
                head, mark, body = answer.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                if mark and length and len(body) >= int(length[1]):
                    break
        except TimeoutError:
            pass
    return answer


def call_as(daemon, account, region, operation, **parameters):
    """A Step Functions call with the credentials of an account and region: (status, body)."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions." + operation,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/states/aws4_request, "
        "SignedHeaders=host, Signature=00"}
    return Client(daemon).send(daemon.api, "POST", "/", json.dumps(parameters), headers)


# ---- A row's run


class Trial:
    """What a row runs with: it makes daemons, notes what was seen, and checks promises."""

    def __init__(self, binary, shim, slowness):
        self.binary, self.shim_library, self.slowness = binary, shim, slowness
        self.folder = tempfile.mkdtemp(prefix="newel-fault-")
        self.daemons, self.mounts, self.seen, self.problems, self.checks = [], [], [], [], 0

    def daemon(self, *settings, starts=True, shim=None, **options):
        """A daemon that ends with the row. `shim`: the part of a path that file faults concern, "" for all."""
        switches = None
        if shim is not None:
            switches = Shim(self.shim_library, tempfile.mkdtemp(dir=self.folder), shim)
        daemon = FaultyDaemon(self.binary, settings, shim=switches, **options)
        self.daemons.append(daemon)
        if starts:
            daemon.start()
        return daemon

    def slow(self, seconds):
        """A deadline for work that the CPU bounds, as long as this binary on this machine needs."""
        return min(seconds * self.slowness, max(seconds, 100))

    def some(self, values):
        """All values for a release build; every third for one that is much slower."""
        return list(values)[::1 if self.slowness < 6 else 3]

    def soon(self, seconds):
        """A deadline for answers that wait for a turn at most: a turn's budget takes 20 ms in a release build."""
        return seconds + 0.06 * (self.slowness - 1)

    def see(self, text):
        self.seen.append(str(text))

    def check(self, what, holds, seen=""):
        """A promise, and what was seen of it."""
        self.checks += 1
        if seen != "":
            self.seen.append(str(seen))
        if not holds:
            self.problems.append(f"{what}" + (f" ({seen})" if seen != "" else ""))
        return holds

    def alive(self, daemon, pid=None):
        """The daemon's process is the one that it was."""
        code = daemon.process.poll()
        same = code is None and daemon.process.pid == (pid or daemon.pid)
        if not same:
            self.see(f"the daemon ended with {code}: {daemon.said()}")
        return self.check("the daemon's pid is the same", same)

    def tmpfs(self, megabytes):
        """Mounts a small file system and returns its folder."""
        folder = tempfile.mkdtemp(dir=self.folder)
        result = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", folder], capture_output=True,
            text=True)
        if result.returncode != 0:
            raise NotRun(f"tmpfs cannot be mounted here: {result.stderr.strip()}")
        self.mounts.append(folder)
        return folder

    def close(self, keep):
        for daemon in self.daemons:
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.kill()
        for folder in self.mounts:
            subprocess.run(["umount", "-l", folder], capture_output=True)
        if keep:
            return [self.folder] + [daemon.folder for daemon in self.daemons]
        for folder in [self.folder] + [daemon.folder for daemon in self.daemons]:
            shutil.rmtree(folder, ignore_errors=True)
        return []


def fill(folder, leave=0):
    """Fills a file system with one file but for some bytes; returns its path."""
    path = os.path.join(folder, "balloon")
    with open(path, "wb", buffering=0) as file:
        free = os.statvfs(folder)
        left = free.f_bavail * free.f_frsize - leave
        try:
            while left > 0:
                left -= file.write(bytes(min(left, 65536)))
            while leave == 0:
                file.write(bytes(512))
        except OSError:
            pass
    return path


def files_of(folder):
    return sorted(path for path in glob.glob(os.path.join(folder, "**"), recursive=True) if os.path.isfile(path))


# ---- The table

Row = collections.namedtuple("Row", "name done promised run long alone")
ROWS = []


def row(name, done, promised, long=False, alone=False):
    """Adds a row. `long`: only with --all. `alone`: not beside other rows."""

    def add(run):
        ROWS.append(Row(name, done, promised, run, long, alone))
        return run

    return add
