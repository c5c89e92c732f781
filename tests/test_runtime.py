"""grulib.runtime: after use_one_thread no pool has more than one thread, also one that had started with two."""

import json
import os
import subprocess
import sys

PROGRAM = """
import json, numpy, torch, threadpoolctl
from grulib.runtime import use_one_thread
torch.ones(300, 300) @ torch.ones(300, 300); numpy.ones((300, 300)) @ numpy.ones((300, 300))
def threads():
    return [torch.get_num_threads()] + [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]
before = threads(); use_one_thread()
print(json.dumps([before, threads()]))
"""


def test_one_thread_in_every_pool():
    environment = os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    printed = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True).stdout
    before, after = json.loads(printed)
    assert max(before) == 2 and set(after) == {1} and len(after) >= 2
