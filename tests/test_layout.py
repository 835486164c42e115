"""The rules that keep the project in one piece: imports flow one way, and sentences stand in the texts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    [ROOT / "app.py", *ROOT.glob("core/**/*.py"), *ROOT.glob("demos/**/*.py"), *ROOT.glob("server/*.py")]
)
BEHAVIOURS = sorted(ROOT.glob("demos/web/**/*.js"))
TEXTS = sorted(ROOT.glob("assets/texts/*/*.yaml"))
SENTENCE = re.compile(r"[A-Z][a-z]+(?: [a-z0-9,'’-]+){3,}[.!?]?$")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_flow_from_app_to_demos_to_core(path: Path):
    forbidden = {
        "core": {"gradio", "demos", "server", "app"},
        "demos": {"torch", "torchvision", "timm", "server", "app"},
    }
    package = path.relative_to(ROOT).parts[0]
    assert not imported(path) & forbidden.get(package, {"torch", "core.finetune"})


def shown_strings(path: Path) -> list[str]:
    """String constants that are no docstrings and not the message of a raised developer's error."""
    module = tree(path)
    skipped: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Raise | ast.Assert):
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and "log" in ast.dump(node.func)
        ):
            skipped |= {id(inner) for inner in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
    ]


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.is_relative_to(ROOT / "demos") or path.name == "app.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_sentence_that_a_user_reads_stands_in_python(path: Path):
    assert [text for text in shown_strings(path) if SENTENCE.match(text)] == []


@pytest.mark.parametrize("path", BEHAVIOURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_that_a_user_reads_stands_in_javascript(path: Path):
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    code = re.sub(r"throw new Error\(.*?\)", "", code, flags=re.S)
    strings = re.findall(r'"([^"\n]*)"|\'([^\'\n]*)\'', code)
    assert [text for pair in strings for text in pair if SENTENCE.match(text)] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_are_sentences_and_groups_of_sentences(path: Path):
    def check(entry: object, place: str) -> None:
        if isinstance(entry, dict):
            for key, inner in entry.items():
                assert isinstance(key, str), f"{place}: YAML reads the key {key!r} as no string; quote it"
                check(inner, f"{place}.{key}")
        elif isinstance(entry, list):
            for number, inner in enumerate(entry):
                check(inner, f"{place}.{number}")
        else:
            assert isinstance(entry, str), f"{place}: YAML reads {entry!r} as no string; quote it"
            assert entry.strip(), f"{place} is empty"

    check(yaml.safe_load(path.read_text(encoding="utf-8")), path.stem)
