# The tour of README.md with the real AWS CLI, line by line as it stands there.
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import ROOT, Daemon, find_newel  # noqa: E402

EXPECTED = ["SUCCEEDED", '{"packed":true}', "1", ":stateMachine:orders:1", "ExecutionRedriven", "ActivitySucceeded", "N"]


def main():
    with open(os.path.join(ROOT, "README.md"), encoding="utf8") as file:
        blocks = re.findall(r"```sh\n(.*?)```", file.read(), re.DOTALL)
    tour = [block for block in blocks if "create-activity" in block]
    if len(tour) != 1:
        print("README.md has no tour, or several\n0 passed, 1 failed")
        return 1
    with Daemon(find_newel(sys.argv[1] if len(sys.argv) > 1 else None), gateway=False) as daemon:
        environment = dict(
            os.environ, AWS_ENDPOINT_URL_SFN=daemon.endpoint, AWS_DISABLE_HOST_PREFIX_INJECTION="true",
            AWS_EC2_METADATA_DISABLED="true")
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", tour[0]], env=environment, capture_output=True, text=True, timeout=120)
    missing = [text for text in EXPECTED if text not in ran.stdout]
    good = ran.returncode == 0 and not missing
    if not good:
        print(f"The tour ended with {ran.returncode}; missing: {missing}\n{ran.stdout}\n{ran.stderr}")
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
