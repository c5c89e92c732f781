"""Writing a file in one step, so that it is whole at any moment, however the writing ends."""

import os
import tempfile
from pathlib import Path


def replace(path, data):
    """Write data (bytes) to path: under another name, to the disk, and with its own name only then.

    What was there before stays until the end, and stays if this is interrupted. A process killed in between may leave
    a file with another name, ending in .tmp, that nothing reads. The folder must exist. Raises OSError.
    """
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=path.name, suffix=".tmp", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.replace(file.name, path)
        except BaseException:
            file.close()
            Path(file.name).unlink(missing_ok=True)  # it may have its own name already
            raise
