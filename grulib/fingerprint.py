"""A fingerprint of code: what a stored result depends on, so that one sees whether it is of the code that is here."""

import ast
import hashlib
import inspect
import sys
import textwrap
from pathlib import Path

import grulib
from grulib.checks import check_str, shown


def fingerprint(*functions):
    """The SHA-256 (a str of hexadecimal digits) of the code that these functions or classes run, as far as it is grulib's.

    What they name is followed: functions and classes of grulib, also through modules (`data.text`), and constants of
    numbers and texts. Comments, docstrings, what `raise` says and checks of arguments do not count; methods of objects that a
    function is given are not seen.
    """
    if not functions or not all(map(_is_ours, functions)):
        raise TypeError(f"functions must be functions or classes of grulib, got {shown(functions)}")
    parts, todo = {}, [inspect.unwrap(function) for function in functions]
    while todo:
        function = todo.pop()
        name = f"{function.__module__}.{function.__qualname__}"
        if name in parts:
            continue
        tree = _Unchecked().visit(ast.parse(textwrap.dedent(inspect.getsource(function))))
        parts[name] = _in_words(tree)
        for used, value in _uses(tree, vars(sys.modules[function.__module__])):
            if _is_ours(value):
                todo.append(inspect.unwrap(value))
            elif _is_plain(value):
                parts[f"{function.__module__}.{used}"] = repr(value)
    text = "\n".join(f"{name}: {parts[name]}" for name in sorted(parts))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of_modules(imports):
    """The SHA-256 of the modules of grulib that import statements name, and of those that these import, without comments and docstrings."""
    check_str("imports", imports)
    folder, parts, todo = Path(grulib.__file__).parent, {}, [imports]
    while todo:
        for node in ast.walk(ast.parse(todo.pop())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for name in names:
                path = folder.parent.joinpath(*name.split("."))
                file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
                if name.split(".")[0] == "grulib" and file.exists() and name not in parts:
                    source = file.read_text("utf-8")
                    parts[name] = _in_words(_Bare().visit(ast.parse(source)))
                    todo.append(source)
    text = "\n".join(f"{name}: {parts[name]}" for name in sorted(parts))
    return hashlib.sha256(text.encode()).hexdigest()


class _Bare(ast.NodeTransformer):
    """Takes docstrings and what `raise` says out of a tree."""

    def visit_Expr(self, node):
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if is_text else self.generic_visit(node)

    def visit_Raise(self, node):
        return ast.Raise()


class _Unchecked(_Bare):
    """Takes out checks as well: calls of a function named check_... whose result nobody uses; it raises or changes nothing."""

    def visit_Expr(self, node):
        is_check = isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "").startswith("check_")
        return None if is_check else super().visit_Expr(node)


def _in_words(node):
    """A tree as text that is the same in each version of Python: without what is empty, and without places."""
    if isinstance(node, list):
        return f"[{','.join(map(_in_words, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [f"{name}={_in_words(value)}" for name, value in ast.iter_fields(node) if value not in (None, [])]
    return f"{type(node).__name__}({','.join(fields)})"


def _uses(tree, names):
    """The names among `names` that a tree reads, and those it reads as attributes of one of grulib's modules, with values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            yield node.id, names[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            if inspect.ismodule(module) and module.__name__.startswith("grulib") and hasattr(module, node.attr):
                yield f"{node.value.id}.{node.attr}", getattr(module, node.attr)


def _is_ours(value):
    value = inspect.unwrap(value) if callable(value) else value
    return (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__.startswith("grulib")


def _is_plain(value):
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, [*value, *value.values()]))
    return value is None or isinstance(value, (bool, int, float, str, bytes))
