"""Renew requirements.lock and requirements-read.lock after a change of the .txt of that name; `make lock` runs it where uv is installed.

Versions that are in the lock file stay if they still fit; with the argument --upgrade all move to the newest that fit.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = """\
# Every package that the .txt of this name needs, with the hashes of all its files, for Python 3.11 and newer on any system.
# Written by `make lock`: change the .txt instead. What is not here is torch, and what only its builds for a GPU
# need: one version of torch has several builds with different bytes and needs, so that a hash would force one of them on
# everybody. torch is pinned in requirements.txt, and itself pins most of what its builds need.
"""
APART = re.compile("(torch|triton|cuda-|nvidia-)")


def compiled(name, *more):
    """Write NAME.lock from NAME.txt: entries with hashes, without those that stand apart."""
    lock = ROOT / f"{name}.lock"
    command = ["uv", "pip", "compile", f"{name}.txt", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-emit-package", "grulib", "--no-header", "--quiet", "--output-file", lock.name, *more]
    subprocess.run(command, cwd=ROOT, check=True)
    entries = re.split(r"^(?=\S)", lock.read_text("utf-8"), flags=re.MULTILINE)
    kept = [entry for entry in entries if not entry.startswith("#") and not APART.match(entry)]
    lock.write_text(HEADER + "".join(kept).rstrip() + "\n", "utf-8", newline="\n")


def main():
    compiled("requirements", *sys.argv[1:])
    compiled("requirements-read", "--constraint", "requirements.lock")


if __name__ == "__main__":
    main()
