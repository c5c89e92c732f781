"""What processes inherit that are started from here: one thread for NumPy and PyTorch together, and this copy of grulib.

Their two thread pools fight for the cores of a small machine: a GRU step of 5 ms was seen to take over a second. One
thread is fast on arrays of a chapter's size, and what is computed no longer depends on the number of cores.
"""

import os
from pathlib import Path

import threadpoolctl

ROOT = Path(__file__).parents[1]  # of the checkout


def use_one_thread():
    """Limit each BLAS and OpenMP pool to one thread: those loaded so far, PyTorch's among them, and those of new processes.

    Call it after the imports: a pool that a later import loads keeps its own number.
    """
    threadpoolctl.threadpool_limits(limits=1)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"


def prepare_kernels():
    """Let kernels and other new processes run the grulib that is beside this file, with one thread and without bars.

    Without it a kernel imports the grulib that is installed in its environment, which may be that of another checkout.
    """
    use_one_thread()
    before = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry not in ("", str(ROOT))]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *before])
    os.environ["GRULIB_PROGRESS"] = "0"  # a bar that redraws itself can't be compared
