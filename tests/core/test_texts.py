"""Every language says the same: key for key, placeholder for placeholder."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
import yaml

from core.texts import OTHER_LANGUAGES, TEXTS_FOLDER, catalogue, leaves, load_section

SECTIONS = sorted(path.stem for path in (TEXTS_FOLDER / "en").glob("*.yaml"))
FILES = sorted(TEXTS_FOLDER.glob("*/*.yaml"))
PLACEHOLDER = re.compile(r"\{\w+[^}]*\}")
MARK = re.compile(r"</?\w+[^>]*>|\*\*|\]\(https?://[^)]*\)")


class StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [self.construct_object(key) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"{twice} at line {node.start_mark.line + 1}"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_key_stands_twice(path):
    yaml.load(path.read_text(encoding="utf-8"), StrictLoader)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
@pytest.mark.parametrize("name", SECTIONS)
def test_a_language_has_the_same_keys_placeholders_and_marks(name, language):
    english = dict(leaves(load_section(name).entries))
    other = dict(leaves(load_section(name, language).entries))
    assert list(other) == list(english)
    for key, sentence in english.items():
        for each in (PLACEHOLDER, MARK):
            assert sorted(each.findall(other[key])) == sorted(each.findall(sentence)), key


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_one_english_sentence_has_one_translation(language):
    found = defaultdict(set)
    for name in SECTIONS:
        english, other = (leaves(load_section(name, each).entries) for each in ("en", language))
        for (_, sentence), (_, translation) in zip(english, other, strict=True):
            found[sentence.strip()].add(translation.strip())
    assert {sentence: several for sentence, several in found.items() if len(several) > 1} == {}
    assert dict(catalogue(language)).keys() == found.keys()


def test_a_part_of_a_section_is_the_same_part_in_another_language():
    learn = load_section("kernels").part("learn")
    assert learn.in_language("nl")("title") == load_section("kernels", "nl")("learn.title") != learn("title")
