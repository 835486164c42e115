"""The Feature maps tab in a real Chromium: walk the layers, open a channel, choose another photo."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import expect

from core.activations import capture
from core.backbone import load_backbone
from core.images import open_image
from core.samples import sample_path
from core.texts import load_section
from tests.browser.conftest import one_page, slowed
from tests.browser.feature_maps_tab import FIRST_LAYER, LAYERS, TEXTS, Tab

DEEP_LAYER, EYE = "conv5_1", {"x": 0.3, "y": 0.39}
WALK = [
    "conv3_2",
    "conv3_3",
    "pool3",
    "conv4_1",
    "conv4_2",
    "conv4_3",
    "pool4",
    "conv5_1",
    "conv5_2",
    "conv5_3",
    "pool5",
]


@pytest.fixture(scope="module")
def tab(browser, server) -> Iterator[Tab]:
    """One page, 80 ms away, for the tests that only look at what the browser already holds."""
    with one_page(browser) as page:
        yield Tab(slowed(page), server)


@pytest.fixture(scope="module")
def highest_answers() -> list[float]:
    network = load_backbone("vgg16", "cpu")
    images = network.preprocess(open_image(sample_path("cat")))
    return capture(network, images, [FIRST_LAYER])[FIRST_LAYER][0].amax((1, 2)).tolist()


def test_walks_every_layer_by_keyboard_without_asking_the_server(slow_page, server):
    tab = Tab(slow_page, server)
    assert tab.layer() == tab.drawn() == FIRST_LAYER
    asked: list[str] = []
    slow_page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    walked = []
    for _ in WALK:
        slow_page.keyboard.press("ArrowRight")
        assert tab.drawn() == tab.layer()
        walked.append(tab.layer())
    assert walked == WALK
    slow_page.keyboard.press("ArrowRight")  # beyond the end there is nothing
    assert tab.layer() == "pool5"
    for _ in range(LAYERS):
        slow_page.keyboard.press("ArrowLeft")
    assert tab.layer() == tab.drawn() == "conv1_1"
    # what remains is the Kernels tab, which fetches its photos ahead while nothing else is asked
    own = [each for each in asked if not each.startswith("data:") and '"fn_name":"photo"' not in each]
    own = [each for each in own if "/waiting" not in each]  # the bar's own
    assert own == []
    assert slow_page.console_errors == []


@pytest.mark.parametrize("columns", [16, 8])
def test_a_click_opens_the_channel_under_it(tab, highest_answers, columns):
    step = "larger" if columns == 8 else "smaller"
    tab.maps.get_by_role("button", name=TEXTS(f"component.{step}")).click()
    for channel in (84, 201, 255):
        tab.click_tile(channel, columns, 256)
        assert tab.title() == TEXTS("component.channel_of", channel=channel, layer=FIRST_LAYER)
        # The figures come with the sheet, computed in bf16 where the processor has it
        assert tab.highest() == pytest.approx(highest_answers[channel], rel=0.03, abs=0.1)
    if columns == 8:
        tab.maps.get_by_role("button", name=TEXTS("component.smaller")).click()


def test_sorting_brings_the_strongest_channel_first(tab, highest_answers):
    tab.maps.locator(".toolbar select").select_option("max")
    tab.click_tile(0, 16, 256)
    assert tab.highest() == pytest.approx(max(highest_answers), rel=0.03)
    first = tab.title()
    tab.page.keyboard.press("ArrowDown")
    assert tab.title() != first
    assert tab.highest() <= max(highest_answers) * 1.03


@pytest.fixture(scope="module")
def standing_out() -> list[float]:
    """How far each channel's answer at the cat's eye lies above its mean, in standard deviations."""
    network = load_backbone("vgg16", "cpu")
    images = network.preprocess(open_image(sample_path("cat")))
    maps = capture(network, images, [DEEP_LAYER])[DEEP_LAYER][0].relu().flatten(1)
    row, column = (int(EYE[way] * 14) for way in ("y", "x"))
    deviation = maps.std(1, correction=0).clamp_min(1e-9)
    return ((maps[:, 14 * row + column] - maps.mean(1)) / deviation).tolist()


def test_a_click_on_the_photo_asks_who_answers_there(tab, standing_out):
    tab.maps.locator(f'.block[data-layer="{DEEP_LAYER}"]').click()
    overlay = tab.maps.locator("canvas.overlay")
    box = overlay.bounding_box()
    overlay.click(position={"x": EYE["x"] * box["width"], "y": EYE["y"] * box["height"]})
    assert tab.maps.locator("[data-choice=sort]").input_value() == "place"
    channel = int(tab.title().split()[1])
    assert standing_out[channel] > 0.97 * max(standing_out) > 0
    tab.page.keyboard.press("Shift+ArrowRight")
    expect(tab.page.locator("#feature-maps-link input")).to_have_value(re.compile("sort=place&x=0.37"))
    tab.maps.locator("[data-choice=sort]").select_option("max")


def test_relu_takes_the_blue_away(tab):
    def bluish() -> int:
        return tab.canvas.evaluate(
            """(canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                let count = 0;
                for (let i = 0; i < data.length; i += 4) if (data[i + 2] > data[i] + 40) count++;
                return count;
            }"""
        )

    assert bluish() == 0
    tab.maps.get_by_role("button", name=TEXTS("component.relu")).click()
    assert bluish() > 10_000


def test_watch_plays_the_layers(tab):
    tab.maps.locator(f'.block[data-layer="{FIRST_LAYER}"]').click()
    tab.maps.get_by_role("button", name=TEXTS("component.watch")).click()
    tab.page.wait_for_function(
        f"document.querySelector('#feature-maps .facts strong').textContent !== '{FIRST_LAYER}'"
    )
    tab.maps.get_by_role("button", name=TEXTS("component.pause")).click()
    assert tab.drawn() in WALK


def test_a_block_of_the_pyramid_opens_its_layer(tab):
    tab.maps.locator('.block[data-layer="conv5_3"]').click()
    assert tab.layer() == tab.drawn() == "conv5_3"
    assert "196 × 196" in tab.maps.locator(".facts").inner_text()


def test_switching_channels_off_moves_the_answer_and_restoring_brings_it_back(slow_page, server):
    tab = Tab(slow_page, server)
    bars = slow_page.locator("#feature-maps-answer .group")
    bars.first.wait_for()
    before = bars.first.locator(".share").all_inner_texts()
    tab.maps.locator('.block[data-layer="conv5_3"]').click()
    tab.maps.locator(".toolbar select").select_option("share")
    tab.page.wait_for_function(  # the channels that say "cat" come first once the reasons are here
        "document.querySelector('#feature-maps .toolbar select').value === 'share'"
        " && document.querySelector('#feature-maps .maps').dataset.sorted === 'share'"
    )
    tab.maps.get_by_role("button", name=TEXTS("component.sweep"), exact=True).click()
    box = tab.canvas.bounding_box()
    slow_page.mouse.move(box["x"] + 5, box["y"] + 5)
    slow_page.mouse.down()
    slow_page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 5, steps=60)
    slow_page.mouse.up()
    without = slow_page.get_by_text(TEXTS("answer_without", count=23))
    without.wait_for()
    assert bars.first.locator(".share").all_inner_texts() == before
    assert bars.nth(1).locator(".name").first.inner_text() == "dog"
    tab.maps.get_by_role("button", name=TEXTS("component.restore")).click()
    without.wait_for(state="detached")
    assert bars.first.locator(".share").all_inner_texts() == before
    assert tab.maps.locator(".switched").inner_text() == TEXTS("component.off_help")


def test_why_shows_the_reasons_for_each_class(tab):
    tab.maps.locator('.block[data-layer="pool5"]').click()
    tab.maps.get_by_role("button", name=TEXTS("component.view_why")).click()
    tab.maps.get_by_text(TEXTS("component.why_reading")).wait_for()
    overlay = tab.maps.locator("canvas.overlay")
    cat = overlay.evaluate("(canvas) => canvas.toDataURL()")
    tab.maps.locator(".classes select").select_option(label="dog")
    tab.page.wait_for_function(
        "(cat) => document.querySelector('#feature-maps canvas.overlay').toDataURL() !== cat", arg=cat
    )
    tab.maps.get_by_role("button", name=TEXTS("component.view_where")).click()
    assert tab.title().endswith("of pool5")


def test_ones_own_photo_and_random_weights_keep_the_layer_and_a_letter_is_explained(page, server, tmp_path):
    tab = Tab(page, server)
    tab.maps.locator('.block[data-layer="pool4"]').click()
    letter, picture = tmp_path / "letter.jpg", tmp_path / "ramp.png"
    letter.write_text("Dear network")
    Image.linear_gradient("L").convert("RGB").save(picture)
    cat, upload = tab.photo(), page.locator("#feature-maps-photos input[type=file]")
    upload.set_input_files(letter)
    page.get_by_text(load_section("errors")("image.not_an_image", name="letter.jpg")).wait_for()
    assert (tab.layer(), tab.photo()) == ("pool4", cat)
    # While a photo is decoded, for however long, the former one's picture can be pointed at
    page.evaluate(
        """() => {
          const decode = window.createImageBitmap;
          window.createImageBitmap = async (...given) => {
            window.createImageBitmap = decode;
            await new Promise((decoded) => (window.letDecode = decoded));
            return decode(...given);
          };
        }"""
    )
    with tab.all_anew():
        upload.set_input_files(picture)
        page.wait_for_function("Boolean(window.letDecode)")
        tab.maps.locator("canvas.overlay").hover()
        page.evaluate("window.letDecode()")
    assert tab.layer() == tab.drawn() == "pool4"
    assert tab.photo() != cat
    page.get_by_text(TEXTS("wrong.title")).click()
    with tab.all_anew():
        page.get_by_label(TEXTS("wrong.weights.random")).click()
    assert tab.layer() == tab.drawn() == "pool4"


def test_a_phone_shows_all_of_it_and_a_tap_opens_a_channel(new_page, server):
    tab = Tab(new_page(390, 844, has_touch=True, is_mobile=True), server)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    box = tab.canvas.bounding_box()
    tab.canvas.tap(position={"x": box["width"] * 5.5 / 16, "y": box["height"] * 5.5 / 16})
    assert tab.title() == TEXTS("component.channel_of", channel=85, layer=FIRST_LAYER)
    assert re.search(r"\d", tab.maps.locator(".figures").inner_text())
