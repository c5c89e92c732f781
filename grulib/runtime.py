"""One thread for NumPy and PyTorch together.

Their two thread pools fight for the cores of a small machine: a GRU step of 5 ms was seen to take over a second. One
thread is fast on arrays of a chapter's size, and what is computed no longer depends on the number of cores.
"""

import threadpoolctl


def use_one_thread():
    """Limit each BLAS and OpenMP pool loaded so far, PyTorch's among them, to one thread.

    Call it after the imports: a pool that a later import loads keeps its own number.
    """
    threadpoolctl.threadpool_limits(limits=1)
