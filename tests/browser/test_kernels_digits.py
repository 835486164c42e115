"""Filters form while one watches, and both networks answer in the browser as they would on the server.

One page goes through all of it, in the order of the tests.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from core.digit_networks import TrainDigitsSettings, logits_of, new_digit_networks
from core.digits import load_digits
from tests.browser.conftest import one_page

TITLE = "Let a network learn its own kernels"


def open_section(page, server):
    page.goto(server)
    page.get_by_role("button", name=TITLE).click()
    page.wait_for_selector("#digits .filter")


COMPONENT = "document.querySelector('#digits .digits').parentElement.whiskers"
STATE = "document.querySelector('#digits .state').textContent"


def networks_in(page):
    """The networks that the browser has, made again from the weights that it was sent."""
    sent = page.evaluate(f"{COMPONENT}.weights()")
    values = np.frombuffer(base64.b64decode(sent["data"]), dtype="<f4")
    networks = new_digit_networks(TrainDigitsSettings(), "cpu")
    for name, shape in sent["shapes"]:
        kind, _, weight = name.partition(".")
        count = int(np.prod(shape))
        getattr(networks, kind).load_state_dict(
            {weight: torch.from_numpy(values[:count].reshape(shape).copy())}, strict=False
        )
        values = values[count:]
    assert not len(values)
    return networks


@pytest.fixture(scope="module")
def opened(browser, server) -> Iterator:
    with one_page(browser) as page:
        open_section(page, server)
        yield page


def test_a_network_learns_and_a_moved_digit_fools_the_perceptron_first(opened):
    assert opened.locator("#digits .filter").count() == 12
    opened.wait_for_function(f"{STATE}.startsWith('Done')", timeout=90_000)
    images = load_digits()[1].images[:20]
    found = np.array(
        opened.evaluate(
            f"(images) => images.map({COMPONENT}.answers)", (images.reshape(20, -1) / 255).tolist()
        )
    )
    for place, logits in enumerate(logits_of(networks_in(opened), images)):
        assert np.abs(found[:, place] - torch.from_numpy(logits).softmax(1).numpy()).max() < 1e-4

    said = opened.locator("#digits .said")
    assert said.nth(0).inner_text()[0] == said.nth(1).inner_text()[0] == "7"
    opened.locator("#digits .pad").focus()
    for _ in range(5):
        opened.keyboard.press("ArrowRight")
    opened.wait_for_function(
        "document.querySelector('#digits .verdict').textContent.includes('5 to the right')"
    )
    assert said.nth(0).inner_text()[0] == "7"
    assert said.nth(1).inner_text()[0] != "7"
    opened.get_by_role("button", name="Move to the middle").click()
    opened.wait_for_function(
        "document.querySelector('#digits .verdict').textContent.includes('in the middle')"
    )
    assert said.nth(1).inner_text()[0] == "7"
    curve = "document.querySelector('#digits-shifting polyline')?.getAttribute('points')"
    opened.wait_for_function(f"{curve}?.split(' ').length === 9", timeout=30_000)


def test_a_digit_is_drawn_and_dragged_with_the_pointer(opened):
    opened.wait_for_selector("#digits .said", timeout=60_000)
    opened.get_by_role("button", name="Draw", exact=True).last.click()
    pad = opened.locator("#digits .pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    opened.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    opened.mouse.down()
    opened.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=6)
    opened.mouse.up()
    opened.wait_for_function(
        "document.querySelector('#digits .verdict').textContent.startsWith('The network reads 1,')"
    )


def test_a_learnt_kernel_goes_to_the_live_engine(opened):
    opened.locator("#digits .filter").nth(2).click()
    opened.wait_for_function(
        "document.querySelector('#kernel .kernel-name').textContent.includes('Kernel 3')"
    )
    assert opened.locator("#kernel .grid input").count() == 49


def test_stop_stops_and_start_starts_anew(opened):
    section = opened.locator("#digits-section")
    section.get_by_role("button", name="Start").click()
    opened.wait_for_function(f"{STATE}.startsWith('Step')")
    section.get_by_role("button", name="Stop").click()
    state = opened.locator("#digits .state")
    opened.wait_for_function(f"{STATE}.startsWith('Stopped')")
    before = state.inner_text()
    opened.wait_for_timeout(800)
    assert state.inner_text() == before
    section.get_by_role("button", name="Start").click()
    opened.wait_for_function(f"{STATE}.startsWith('Step')")
