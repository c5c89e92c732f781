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
    print(f"{len(todo)} of {len(study.TASKS) * len(study.BLOCKS)} results are to be made")
    with multiprocessing.Pool(processes, initializer=use_one_thread) as pool:
        for entry in pool.imap_unordered(_compare, todo):
            print(entry, flush=True)
            stored[entry["task"], entry["kind"]] = entry
            ordered = [stored[t, k] for t in study.TASKS for k in study.BLOCKS if (t, k) in stored]
            files.replace(study.RESULTS, (json.dumps(ordered, indent=1) + "\n").encode())


def _compare(pair):
    return study.compare(*pair)


if __name__ == "__main__":
    main()
