"""Every sentence that a reader sees, whole and with named fields; those of a single exercise are in its chapter.

A field holds a name, a number, a shape, a type's name, or a phrase that is itself a template here.
"""


def listed(names):
    """Names one after the other, as a field of a sentence."""
    return ", ".join(map(str, names))


# The first line of a verdict, and what stands around the rest.
IS_RIGHT = "{id}: right."
IS_NOT_RIGHT = "{id}: not right yet."
IS_NOT_ATTEMPTED = "{id}: not attempted yet."
IS_STOPPED = "{id}: stopped."
EXPECTED = "expected"
GOT = "got"
PERHAPS = "Perhaps: {tells}"
ALSO = "Also: {tells}"
CUT = "{line} ..."

# What an answer did.
ON_ALL_CASES = "As expected on all {count} cases."
REPLACE_DOTS = 'Replace the dots, or ask hint("{id}").'
ASK_HINT = 'hint("{id}") gives a hint.'
RIGHT_PARTS = "Right: {parts}."
STOPPED = "It was stopped before it ended."
RAISED = "It raised {type}: {text}"
RAISED_WITHOUT_TEXT = "It raised {type}."
IN_LINE = "in the line: {line}"
RETURNED_NONE = "It returned None: is a return missing, or not reached?"
IS_NONE = "It is None."
CHANGES_ARGUMENT = "It changes its argument {name}. Work on a copy, or make a new array."

# Answers of the wrong kind.
NOT_A_FUNCTION = "The answer should be a function, and is {got}."
NOT_AN_EXPRESSION = "The answer should be a SymPy expression, and is {got}."
NOT_THE_PARTS = "The answer should be a tuple of {count}: {parts}. It is {got}."
UNKNOWN_SYMBOLS = "The answer has {unknown} in it; the question has only {known}."
NOT_A_LETTER = "The answer should be one letter from {first} to {last}, and is {got}."
NOT_LETTERS = "The answer should be the letters, as one text, from {first} to {last}, and is {got}."

# What comes out of an answer and can't be compared; the reasons follow the colon of the first.
UNFIT = "What it gives can't be used: {reason}"
NO_NUMBER = "it is not a number for every value of its symbols"
NO_REAL_NUMBER = "it is not a real number for every value of its symbols"
NO_ARRAY_OF_NUMBERS = "it should be an array of numbers, and is {got}"
NO_TENSOR = "it should be a tensor, and is of type {type}"
NO_GRADIENT = "it is cut off from outputs, so no gradient would flow back into the network"
NO_GRU = "it should be an nn.GRU, and is of type {type}"
NO_BATCH_FIRST = "it should have batch_first=True"
RANDOM_BIASES = "for r and z, bias_hh_l0 still has the random numbers of a new layer: set every entry"
NO_LINEAR = "its {name} should be an nn.Linear from {columns} to {rows}, with biases"
NO_LIST_OF_NAMES = "it should be a list of names"
WRONG_SHAPE_OF_ARRAY = "{name} should have shape {expected}, and has shape {got}"
NO_FINITE_ARRAY = "{name} has NaN or infinity in it"

# How a value differs from the right one: its name, then what is wrong.
THE_RESULT = "The result"
THE_ANSWER = "The answer"
ENTRY = "Entry {key}"
PART = "{name} (part {number})"
PART_NOT_ATTEMPTED = "{name} is not attempted yet."
NO_DICTIONARY = "{name} should be a dictionary with the keys {keys}, not {got}."
WRONG_KEYS = "{name} should have the keys {keys}, and has {got}."
NO_KEYS = "{name} should have the keys {keys}, and has none."
NO_TUPLE = "{name} should be a tuple or list of {count}. It is {got}."
NO_TUPLE_OF_PARTS = "{name} should be a tuple or list of {count}: {parts}. It is {got}."
WRONG_LENGTH = "{name} should have length {expected}, and has length {got}."
NO_SET = "{name} should be a set of texts, not {got}."
WRONG_SET = "{name} is not the right set."
WRONG_KIND = "{name} should be {expected}, not {got}."
WRONG_ONE = "{name} is not the right one."
WRONG_SHAPE = "{name} should have shape {expected}, and has {got}."
TRANSPOSED = "{name} should have shape {expected}, and has {got}. It has the shape of the transpose."
NOT_FINITE = "{name} has NaN or infinity in it."
SINGLE_PRECISION = "{name} is right to single precision only. Keep the numbers 64-bit."
NOT_WITHIN_ROUNDING = "{name} is close, and not within the rounding that is asked for."
WRONG_VALUES = "{name} has the right shape and wrong values."
WRONG_VALUE = "{name} has the wrong value."

# Values in words.
NONE = "None"
OBJECT = "an object of type {type}"
DEEPLY_NESTED = "a deeply nested value"
ARRAY = "an array of shape {shape}"
NUMBER = "a number"
TRUE_OR_FALSE = "True or False"
TEXT = "a text"
TUPLE = "a tuple or list"
SET = "a set"
DICTIONARY = "a dictionary"
EMPTY = "(empty)"
ARRAY_AND_SHAPE = "{array}  shape {shape}"
ARRAY_AND_SHAPE_OF_FLOAT32 = "{array}  shape {shape}, float32"
KEY_AND_VALUE = "{key}: {value}"

# Hints, progress, and ids.
HINT = "{id}, hint {number} of {count} (ask again for more): {hint}"
LAST_HINT = "{id}, hint {number} of {count} (the last one: the solution is below the exercise): {hint}"
CHAPTER = "chapter"
SOLVED = "solved"
TO_DO = "to do"
NOT_SAVED = "Your progress could not be saved: {error}"
NOT_READ = "The file with your progress can't be read: {error}"
LINES_LEFT_OUT = "Lines of {path} that are not of the form ID YYYY-MM-DD are left out; the first is line {number}."
UNKNOWN_ID = "id must be that of an exercise, such as {known}, got {got}"
UNKNOWN_ID_WITH_GUESS = "id must be that of an exercise, such as {known}, got {got}; did you mean {close}?"
NO_DATA = "exercise must be a Value or Choice of numbers, texts and arrays, got {got}"

# What only the forms of the built page say (book/_static/exercises.js); the rest of their sentences are those above.
FILL_IN = "Fill in the form, or ask for a hint."
PRESS_HINT = "“Hint” gives a hint."
FORM_CHECK = "Check"
FORM_HINT = "Hint"
FORM_HINT_TEXT = "Hint {number} of {count}: {hint}"
FORM_ANSWER = "Your answer"
FORM_NUMBER = "a number"
FORM_TEXT = "a word"
FORM_TUPLE = "numbers, such as 3, 4"
FORM_SET = "names, such as x, h"
FORM_SOLVED = "{count} of {all} exercises solved in these pages"
FORM_EXPORT = "Save as a file"
FORM_FORGET = "Forget all of it"
IN_JUPYTER = "This one is done in Jupyter: open this chapter with make lab, or download it with the button at the top of the page, and look for {id}."
