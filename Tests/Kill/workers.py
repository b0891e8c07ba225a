#!/usr/bin/env python3
# Activity workers under kill -9: every task is done, none completes twice, whatever moment the daemon dies at.
import argparse
import collections
import json
import os
import random
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "Smoke")]
from daemon import Client, Daemon, find_newel, role_arn  # noqa: E402


class Worker(threading.Thread):
    """Takes tasks with boto3, as it comes, until it is told to stop. What it cannot send it sends again."""

    def __init__(self, number, endpoint, activity, stop):
        super().__init__(daemon=True)
        self.number, self.endpoint, self.activity, self.stop = number, endpoint, activity, stop
        self.done = collections.Counter()
        self.refused = 0

    def run(self):
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        client = boto3.client(
            "stepfunctions", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id="newel",
            aws_secret_access_key="newel", config=Config(retries={"max_attempts": 1}, read_timeout=70))

        def insist(operation, **parameters):
            while not self.stop.is_set():
                try:
                    return getattr(client, operation)(**parameters)
                except client.exceptions.TaskTimedOut:
                    raise
                except (BotoCoreError, ClientError):
                    time.sleep(0.05)
            return {}

        while not self.stop.is_set():
            task = insist("get_activity_task", activityArn=self.activity, workerName=f"worker-{self.number}")
            if "taskToken" not in task:
                continue
            number = json.loads(task["input"])["n"]
            try:
                insist("send_task_success", taskToken=task["taskToken"], output=json.dumps({"by": self.number}))
                self.done[number] += 1
            except client.exceptions.TaskTimedOut:
                # An earlier sending of ours went through, or another worker was faster.
                self.refused += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--newel")
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    chance = random.Random(options.seed)
    # A port that stays the same over restarts: workers keep their endpoint.
    with Daemon(find_newel(options.newel), gateway=False) as daemon:
        daemon.listens_at = "%s:%d" % daemon.api
        client = Client(daemon)
        activity = client.call("CreateActivity", name="work")[1]["activityArn"]
        definition = {"StartAt": "W", "States": {"W": {"Type": "Task", "Resource": activity, "End": True}}}
        machine = client.call(
            "CreateStateMachine", name="work", definition=json.dumps(definition), roleArn=role_arn("work"))[1]
        stop = threading.Event()
        workers = [Worker(number, daemon.endpoint, activity, stop) for number in range(options.workers)]
        for worker in workers:
            worker.start()

        def insist(operation, **parameters):
            while True:
                try:
                    status, body = client.call(operation, **parameters)
                except OSError:
                    status = 0
                if status == 200 or status == 400:
                    return body
                time.sleep(0.05)

        kills = 0
        started = 0
        arns = []
        # Starts and kills by turns, so that every moment of a task's life is met.
        while started < options.tasks or kills < options.kills:
            for _ in range(min(options.tasks - started, -(-options.tasks // max(options.kills, 1)))):
                body = insist(
                    "StartExecution", stateMachineArn=machine["stateMachineArn"], name=f"task-{started}",
                    input=json.dumps({"n": started}))
                arns.append(body["executionArn"])
                started += 1
            if kills < options.kills:
                time.sleep(chance.uniform(0, 0.3))
                daemon.kill()
                daemon.start()
                kills += 1
        end = time.monotonic() + 60
        lost = list(arns)
        while lost and time.monotonic() < end:
            lost = [arn for arn in lost if insist("DescribeExecution", executionArn=arn)["status"] != "SUCCEEDED"]
            time.sleep(0.05)
        twice = 0
        for arn in arns:
            events = insist("GetExecutionHistory", executionArn=arn)["events"]
            kinds = collections.Counter(event["type"] for event in events)
            if kinds["ActivitySucceeded"] > 1 or kinds["ActivityStarted"] > 1 or kinds["ExecutionSucceeded"] > 1:
                twice += 1
        stop.set()
        again = sum(worker.refused for worker in workers)
        print(f"{started} tasks, {options.workers} workers, {kills} kills: {len(lost)} lost, {twice} completed twice;"
              f" {again} results were sent again and refused")
        good = started - len(lost) + (1 if twice == 0 else 0)
        bad = len(lost) + (1 if twice else 0)
        print(f"{good} passed, {bad} failed")
        daemon.keeps_folder = bad > 0
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
