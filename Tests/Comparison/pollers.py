# What idle activity workers cost: memory and CPU of a daemon that so many of them wait at.
#
#   pollers.py NEWEL [--pollers 10000] [--seconds 20]
import argparse
import json
import os
import resource
import select
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Smoke"))
from daemon import Client, Daemon, find_newel  # noqa: E402

ACTIVITIES = 10


def usage(pid):
    """Resident KiB and CPU seconds of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return resident, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def request(daemon, arn):
    body = json.dumps({"activityArn": arn, "workerName": "idle"}).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: %s:%d\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n" % (*daemon.api, len(body)))
    return head.encode() + body


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("newel", nargs="?")
    parser.add_argument("--pollers", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    settings = [f"limits.connections={options.pollers + 100}", f"limits.activityPollers={options.pollers}"]
    with Daemon(find_newel(options.newel), settings, gateway=False) as daemon:
        client = Client(daemon)
        arns = [client.call("CreateActivity", name=f"a{n}")[1]["activityArn"] for n in range(ACTIVITIES)]
        before, _ = usage(daemon.process.pid)
        began = time.monotonic()
        sockets = []
        for number in range(options.pollers):
            connection = socket.create_connection(daemon.api)
            connection.sendall(request(daemon, arns[number % ACTIVITIES]))
            sockets.append(connection)
        opened = time.monotonic() - began
        time.sleep(2)
        memory, spent = usage(daemon.process.pid)
        time.sleep(options.seconds)
        after, later = usage(daemon.process.pid)
        answered = len(select.select([], [], [], 0)[0])
        print(f"{options.pollers} pollers in {opened:.1f} s: {memory // 1024} MiB resident ({before // 1024} before them,"
              f" {after // 1024} behind {options.seconds:g} s), {100 * (later - spent) / options.seconds:.2f} % CPU")
        for connection in sockets:
            connection.close()
        return answered


if __name__ == "__main__":
    sys.exit(main())
