"""The Feature maps tab's rarer things in a real Chromium: wishes, files, networks, two photos, the camera."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import expect

from core.backbone import load_backbone
from core.channel_image import first_filter
from core.compare import changed, difference_steps
from core.images import open_image, png
from core.samples import sample_path
from core.texts import load_section
from tests.browser.conftest import one_page, slowed
from tests.browser.feature_maps_tab import FIRST_LAYER, TEXTS, Tab

MADE = TEXTS("component.want_reading", answer="", photo="").partition(":")[0]


@pytest.fixture(scope="module")
def tab(browser, server) -> Iterator[Tab]:
    """One page for all, 80 ms away from the server."""
    with one_page(browser) as page:
        yield Tab(slowed(page), server)


def reading(tab: Tab) -> str:
    return str(tab.maps.locator(".reading").inner_text())


def wait_for_reading(tab: Tab, start: str) -> None:
    tab.page.wait_for_function(
        "(start) => document.querySelector('#feature-maps .reading').textContent.startsWith(start)",
        arg=start,
        timeout=60_000,
    )


def colours(tab: Tab) -> np.ndarray:
    """The large picture's colours at the middles of its ninths: (3, 3, 3)."""
    shown = tab.maps.locator("canvas.overlay").evaluate(
        """(canvas) => {
            const context = canvas.getContext("2d"), step = canvas.width / 3;
            return [0, 1, 2].map((y) => [0, 1, 2].map((x) =>
              [...context.getImageData((x + 0.5) * step, (y + 0.5) * step, 1, 1).data.slice(0, 3)]));
        }"""
    )
    return np.array(shown, dtype=float)


def mode(tab: Tab, name: str) -> None:
    tab.maps.locator(f'.views [data-mode="{name}"]').click()


def test_the_first_layer_wants_its_filters(tab):
    tab.maps.locator('.block[data-layer="conv1_1"]').click()
    mode(tab, "want")
    wait_for_reading(tab, TEXTS("component.want_filter", side=3))
    channel = int(tab.title().split()[2])
    expected = first_filter(load_backbone("vgg16", "cpu"), "conv1_1", channel)
    np.testing.assert_allclose(colours(tab), expected, atol=2)


def test_a_wish_is_drawn_stopped_replaced_and_kept(tab):
    tab.maps.locator('.block[data-layer="conv4_1"]').click()
    mode(tab, "want")
    step = TEXTS("component.want_running", step="", steps="").split()[0]
    wait_for_reading(tab, step)
    tab.maps.locator(".wish button").click()
    stopped = TEXTS("component.want_stopped", answer="", photo="").partition(":")[0]
    wait_for_reading(tab, stopped)
    tab.page.wait_for_timeout(400)
    assert reading(tab).startswith(stopped)
    tab.maps.locator(".wish button").click()
    wait_for_reading(tab, step)
    tab.maps.locator('.block[data-layer="conv1_2"]').click()  # another channel takes its place
    tab.click_tile(5, 8, 64)
    assert tab.title() == TEXTS("component.want_title", channel=5, layer="conv1_2")
    wait_for_reading(tab, MADE)
    drawn = colours(tab)
    mode(tab, "where")
    assert np.abs(colours(tab) - drawn).mean() > 10
    mode(tab, "want")  # kept in the page: there at once
    assert reading(tab).startswith(MADE)
    np.testing.assert_allclose(colours(tab), drawn, atol=8)  # scaled by the processor or the graphics card
    mode(tab, "where")


def test_files_can_be_taken_away(tab):
    tab.maps.locator(f'.block[data-layer="{FIRST_LAYER}"]').click()
    tab.maps.locator(".take summary").click()
    files = {}
    for kind in ("layer", "table"):
        with tab.page.expect_download() as coming:
            tab.maps.locator(f'.take [data-kind="{kind}"]').click()
        files[kind] = coming.value.path()
    with np.load(files["layer"]) as numbers:
        assert numbers[FIRST_LAYER].shape == (256, 56, 56)
        assert float(numbers[FIRST_LAYER].max()) > 0
    rows = list(csv.DictReader(files["table"].read_text().splitlines()))
    assert rows[0]["name"] == "conv1_1"


def test_a_second_photo_is_compared_in_every_layer(tab):
    tab.maps.locator(".pair summary").click()
    tab.maps.get_by_role("button", name=TEXTS("component.pair.moved")).click()
    network = load_backbone("vgg16", "cpu")
    cat = network.preprocess(open_image(sample_path("cat")))
    for layer in (FIRST_LAYER, "pool5"):
        tab.maps.locator(f'.block[data-layer="{layer}"]').click()
        (known,) = difference_steps(network, cat, changed(cat, "moved"), [layer])
        words = TEXTS("component.pair.place", layer=layer, value=f"{known.by_place:.2f}")
        tab.maps.get_by_text(words).wait_for()
    tab.maps.locator('.both .second .all[aria-label$="pool5"]').wait_for()
    tab.maps.locator(".pair summary").click()


def test_the_camera_is_followed_and_let_go_with_the_tab(tab):
    page = tab.page
    page.evaluate("window.live = 0; document.addEventListener('wk-live', () => window.live++)")
    page.get_by_role("button", name=TEXTS("follow.start")).click()
    page.wait_for_function("window.live >= 2")
    tab.maps.locator('.block[data-layer="conv2_2"]').click()
    tab.maps.locator('canvas.tiles[aria-label^="conv2_2"]').wait_for()
    page.evaluate(
        "window.track = document.querySelector('#feature-maps-camera video').srcObject.getTracks()[0]"
    )
    page.get_by_role("tab").first.click()
    page.wait_for_function("window.track.readyState === 'ended'")
    page.get_by_role("tab", name=TEXTS("tab")).click()
    tab.wait_for_sheets()  # the last picture stays, with all its layers


def test_another_network_is_walked_by_the_same_code(tab):
    page = tab.page
    page.get_by_label(TEXTS("network"), exact=True).click()
    page.get_by_role("option", name="EfficientNet-Lite0").click()
    for layer in ("block3_1", "block3_2"):
        tab.maps.locator(f'.block.here[data-layer="{layer}"]').wait_for()
    assert tab.layer() == tab.drawn() == "block3_1"
    page.keyboard.press("ArrowRight")
    assert tab.drawn() == "block3_2"
    page.get_by_text(TEXTS("networks.title")).click()
    table = page.locator("#feature-maps-networks")
    table.locator(".note").scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.querySelectorAll('#feature-maps-networks tr.here')].length >= 3"
        " && !document.querySelector('#feature-maps-networks').textContent.includes('\u2026')"
    )
    assert "138 M" in table.locator('[data-name="vgg16"]').inner_text()
    assert "71.6" in table.locator('[data-name="vgg16"]').inner_text()


def test_a_photo_for_which_the_server_has_no_room_is_refused_in_its_own_words(new_page, server):
    page = new_page()
    page.goto(f"{server}/?tab=feature_maps")
    words = load_section("errors")("disk_full")
    page.route("**/upload*", lambda route: route.fulfill(status=507, body=words))
    photo = {"name": "photo.png", "mimeType": "image/png", "buffer": png(np.zeros((32, 32, 3), np.uint8))}
    page.locator("#feature-maps-photos input[type=file]").first.set_input_files(photo)
    expect(page.locator("#feature-maps-photos .trouble")).to_have_text(words)
