import os

# Before NumPy and PyTorch are loaded here, in the workers of xdist and in the kernels of nbval: see grulib.runtime.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", os.environ["OMP_NUM_THREADS"])

import hypothesis
import pytest

# The same cases in every run: a failure that a run shows, the next run shows too.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("book")


def refused(error, message, call):
    """Assert that the call raises this error with this message in it."""
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value), str(caught.value)
