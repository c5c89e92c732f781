"""Train what live figures need and is missing or of another code, and store it: python -m grulib.live."""

from grulib import files, live
from grulib.runtime import use_one_thread


def main():
    use_one_thread()
    _store("roofline", live.roofline())
    for name in live.stale():
        entry = live.make(name)
        _store(name, entry)
        print(name, entry.get("measured", entry.get("learnt")))


def _store(name, entry):
    files.replace(live.FOLDER / f"{name}.js", live.as_script(name, entry).encode())


if __name__ == "__main__":
    main()
