"""Store what the pages' forms must know of the exercises: python -m grulib.exercises."""

import json
from pathlib import Path

from grulib import exercises, files
from grulib.exercises import sentences
from grulib.exercises.kinds import Choice, Value, as_data

PATH = Path(__file__).with_name("pages.json")


def for_pages():
    """The exercises that have a form, by their ids, the sentences, and which exercises of each chapter have one: for JSON."""
    found = {chapter: exercises.exercises(chapter) for chapter in exercises.CHAPTERS}
    in_page = {id: e for ids in found.values() for id, e in ids.items() if isinstance(e, (Choice, Value))}
    return {
        "exercises": {id: as_data(exercise) for id, exercise in in_page.items()},
        "sentences": {name: text for name, text in vars(sentences).items() if name.isupper()},
        "all": {chapter: [id for id in ids if id in in_page] for chapter, ids in found.items()},
    }


def as_json(told):
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    files.replace(PATH, as_json(for_pages()).encode())
