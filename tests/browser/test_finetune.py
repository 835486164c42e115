"""The Fine-tune tab in a real Chromium: a folder goes in, a classifier comes out."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from core.finetune import texture_tiles

SECONDS = 1000
TRUST, OVERVIEW, BEHIND = "#finetune-trust", "#finetune-overview", "#finetune-behind"


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A nested folder of two classes, one with a name in Arabic, and what else lies about in folders."""
    whole = tmp_path_factory.mktemp("whole")
    texture_tiles(whole)
    nested = tmp_path_factory.mktemp("given") / "my photos"
    for name, label in (("brick", "muur"), ("gravel", "حصى 🪨")):
        for part, inside in (("train", "close"), ("test", "far")):
            folder = nested / "all" / label / inside
            folder.mkdir(parents=True)
            for path in sorted((whole / part / name).iterdir())[:5]:
                (folder / path.name).write_bytes(path.read_bytes())
    (nested / "all" / "muur" / "close" / "notes.txt").write_text("not a photo")
    (nested / "all" / "muur" / "close" / "broken.jpg").write_bytes(b"not a photo either")
    return nested


def open_tab(page: Page, address: str, *, finished: bool = False) -> None:
    """Open the tab; its example is there, and trained if `finished`."""
    page.goto(address)
    page.get_by_role("tab", name="Fine-tune").click()
    expect(page.locator(f"{OVERVIEW} .title")).to_contain_text("textures", timeout=60 * SECONDS)
    if finished:
        expect(page.locator(f"{TRUST} .cell").first).to_be_visible(timeout=60 * SECONDS)


def give(page: Page, given: Path, way: str = "folder") -> None:
    page.locator(f"#finetune-folder input[data-way={way}]").set_input_files(given)
    expect(page.locator(f"{OVERVIEW} .title")).to_have_text(
        "Your folder: 20 photos in 2 classes", timeout=60 * SECONDS
    )


def train(page: Page) -> None:
    page.get_by_role("button", name="Start").locator("visible=true").click()
    expect(page.locator(f"{TRUST} .cell").first).to_be_visible(timeout=60 * SECONDS)


def take_away(page: Page, folder: Path) -> Path:
    """Save the classifier; where the zip is now."""
    with page.expect_download() as download:
        page.locator("#finetune-save").click()
    words = "on 10 photos both files give the probabilities that you see here"
    expect(page.locator("#finetune-tested")).to_contain_text(words)
    assert download.value.suggested_filename == "whiskers-classifier.zip"
    download.value.save_as(folder / "taken.zip")
    return folder / "taken.zip"


def test_from_the_example_to_a_classifier_of_ones_own(page, server, tiles, tmp_path):
    open_tab(page, server, finished=True)
    expect(page.locator(f"{OVERVIEW} .group h4")).to_have_count(3)
    expect(page.locator(f"{TRUST} .interval")).to_contain_text("of 30 photos")
    expect(page.locator("#finetune-accuracy polyline")).to_have_count(2)
    expect(page.locator("#finetune-answer .row")).to_have_count(3)

    give(page, tiles)
    expect(page.locator(f"{OVERVIEW} .group h4").first).to_contain_text("muur")
    expect(page.locator(f"{OVERVIEW} .group h4").last).to_contain_text("حصى 🪨")
    expect(page.locator(f"{OVERVIEW} .left-out")).to_contain_text("No pictures, left out: 1")
    expect(page.locator(f"{OVERVIEW} .left-out")).to_contain_text("Could not be read, left out: 1")
    train(page)
    assert page.locator(f"{TRUST} .large").inner_text().rstrip("\u202f%").isdigit()
    page.locator("#finetune-photos [data-name=bricks]").click()
    expect(page.locator("#finetune-answer .row.marked .name")).to_have_text("muur")

    page.locator(f"{TRUST} [data-cell='0,0']").click()
    page.locator(f"{BEHIND} .thumb").first.click()
    page.locator(f"{BEHIND} select").select_option(label="حصى 🪨")
    expect(page.locator(f"{OVERVIEW} .left-out")).to_contain_text("Moved or left out by you: 1")
    expect(page.locator(f"{OVERVIEW} .group .count").first).to_have_text("9 photos")
    page.locator(f"{OVERVIEW} .left-out").get_by_role("button", name="Undo all").click()
    expect(page.locator(f"{OVERVIEW} .group .count").first).to_have_text("10 photos")
    expect(page.locator(f"{TRUST} .cell").first).to_be_visible()

    taken = take_away(page, tmp_path)
    with zipfile.ZipFile(taken) as archive:
        assert re.search(r"\| muur \| [78] \| 2 \|", archive.read("README.md").decode("utf-8"))
        archive.extract("classifier.safetensors", tmp_path)
    for path in (taken, tmp_path / "classifier.safetensors"):
        page.locator("input[type=file][accept*='.safetensors']").set_input_files(path)
        expect(page.locator(f"{TRUST} .interval")).to_have_text("It knows: muur, حصى 🪨.")
        expect(page.locator("#finetune-answer .row.marked .name")).to_have_text("muur")
    with zipfile.ZipFile(take_away(page, tmp_path)) as archive:
        assert "so its photos are not known here" in archive.read("README.md").decode("utf-8")
    assert page.console_errors == []


def test_a_zip_on_a_slow_line_then_start_twice_and_stop(slow_page, server, tiles, tmp_path):
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        for path in sorted(tiles.rglob("*.png")):
            writer.write(path, path.relative_to(tiles.parent))
    open_tab(slow_page, server)
    give(slow_page, archive, way="zip")
    start = slow_page.get_by_role("button", name="Start").locator("visible=true")
    start.click()
    start.click()
    expect(slow_page.locator(f"{TRUST} .cell").first).to_be_visible(timeout=60 * SECONDS)
    slow_page.get_by_role("button", name="Stop").locator("visible=true").click()
    expect(slow_page.locator(f"{TRUST} .large")).to_contain_text("%")


def test_a_reload_finds_everything_again(page, server, tiles):
    open_tab(page, server, finished=True)
    give(page, tiles)
    page.get_by_label("The last block too").check()
    train(page)
    accuracy = page.locator(f"{TRUST} .large").inner_text()
    page.reload()
    page.get_by_role("tab", name="Fine-tune").click()
    expect(page.locator(f"{OVERVIEW} .title")).to_have_text("Your folder: 20 photos in 2 classes")
    expect(page.locator(f"{TRUST} .large")).to_have_text(accuracy)
    expect(page.get_by_label("The last block too")).to_be_checked()
    expect(page.locator("#finetune-answer .row")).to_have_count(2)
    page.locator(f"{TRUST} .cell:has-text('2')").first.click()
    expect(page.locator(f"{BEHIND} .thumb")).to_have_count(2)


def test_a_dropped_connection_is_tried_again(page, server, tiles):
    """The first upload and every third after it fail at first."""
    open_tab(page, server)
    seen: list[str] = []

    def flaky(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) % 3 == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/upload*", flaky)
    give(page, tiles)
    assert len(seen) > 21


def test_what_cannot_be_learnt_is_said_at_once(page, server, tiles, tmp_path):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "readme.md").write_text("x")
    (tmp_path / "single" / "only").mkdir(parents=True)
    for path in list(tiles.rglob("*.png"))[:4]:
        (tmp_path / "single" / "only" / path.name).write_bytes(path.read_bytes())
    open_tab(page, server)
    for name, words in (("nothing", "There is no photo in it"), ("single", "one class, “only”")):
        page.locator("#finetune-folder input[data-way=folder]").set_input_files(tmp_path / name)
        expect(page.locator("#finetune-folder .trouble")).to_contain_text(words)
    expect(page.locator(f"{OVERVIEW} .title")).to_contain_text("textures")
