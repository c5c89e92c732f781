"""Train what the stored results lack, or have from other code, and store it: python -m grulib.study."""

import argparse
import json
import multiprocessing

from grulib import files, study
from grulib.runtime import use_one_thread


def main():
    parser = argparse.ArgumentParser(prog="python -m grulib.study", description=study.__doc__)
    parser.add_argument("--processes", type=int, help="how many trainings at once, as many as cores if not given")
    processes = parser.parse_args().processes
    stored, todo = study.results(), study.stale()
    order = [(task, kind) for task, kinds in study.KINDS.items() for kind in kinds]
    print(f"{len(todo)} of {len(order)} results are to be made")
    with multiprocessing.Pool(processes, initializer=use_one_thread) as pool:
        for entry in pool.imap_unordered(_make, todo):
            print(entry, flush=True)
            stored[entry["task"], entry["kind"]] = entry
            ordered = [stored[pair] for pair in order if pair in stored]
            files.replace(study.RESULTS, (json.dumps(ordered, indent=1) + "\n").encode())


def _make(pair):
    return study.make(*pair)


if __name__ == "__main__":
    main()
