"""What one has made goes on: to another page by a link or its code, to another tab as a photo; and back."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

PAUSE = 20_000  # milliseconds, at most


def link(page: Page, tab: str):
    return page.locator(f"#{tab}-link input")


def settings(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def told(page: Page, tab: str):
    return page.locator(f"#{tab}-link .told")


@pytest.fixture
def opened(new_page):
    """Open an address on a page of its own."""

    def open_page(address: str) -> Page:
        page = new_page()
        page.goto(address)
        return page

    return open_page


def test_a_kernel_goes_by_link_or_by_code_and_back_to_the_beginning(opened, server):
    page = opened(server)
    first = page.locator("#kernel .grid input").nth(4)
    expect(first).to_have_value("0", timeout=PAUSE)
    first.fill("-7.25")
    first.press("Enter")
    page.locator("#kernel .tile[title=Lion]").click()
    page.locator("#kernel .view select").select_option("absolute")
    expect(link(page, "kernels")).to_have_value(re.compile("-7.25.*view=absolute.*photo=lion"))
    address = link(page, "kernels").input_value()

    page.locator("#kernels-link .show-code").click()
    code = page.locator("#kernels-link .squares svg")
    expect(code).to_be_visible()
    pixels = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert [found.text for found in zxingcpp.read_barcodes(pixels)] == [address]
    expect(page.locator("#kernels-link .where")).to_have_text(address)
    page.keyboard.press("Escape")

    page.goto(f"{address}&stride=9&kernel2=<b>&bias=1e999&divide=0&flip=1&in_hand=2")
    expect(told(page, "kernels")).to_contain_text("(divide, bias, kernel2, stride, in_hand)", timeout=PAUSE)
    expect(first).to_have_value("−7.25")
    expect(page.locator("#kernel .view select")).to_have_value("absolute")
    expect(page.locator("#kernel .tile[aria-pressed=true]")).to_have_attribute("title", "Lion")
    expect(link(page, "kernels")).to_have_value(re.compile("flip=1"))
    assert settings(link(page, "kernels").input_value()) == settings(address) | {"flip": "1"}

    page.locator("#kernels-link .anew").click()
    expect(first).to_have_value("0")
    expect(link(page, "kernels")).to_have_value(re.compile(r"\?tab=kernels&kernel=sobel_x&photo=cat$"))
    expect(told(page, "kernels")).to_be_hidden()


def test_a_layer_and_a_channel_go_by_link(opened, server):
    start = f"{server}/?tab=feature_maps&network=efficientnet_lite0&photo=lion&layer=block2_1&channel=999"
    page = opened(f"{start}&weights=nonsense")
    expect(told(page, "feature-maps")).to_contain_text("(weights, channel)", timeout=PAUSE)
    expect(link(page, "feature-maps")).to_have_value(re.compile("photo=lion"), timeout=PAUSE)
    expect(page.locator("#feature-maps .facts")).to_contain_text("block2_1")
    page.locator("#feature-maps .tiles").click(position={"x": 5, "y": 5})
    page.locator("#feature-maps .views [data-mode=why]").click()
    page.locator("#feature-maps .toolbar .common").click()
    expect(link(page, "feature-maps")).to_have_value(re.compile("view=why.*common=1"))
    address = link(page, "feature-maps").input_value()
    assert settings(address)["channel"] == "0"

    other = opened(address)
    expect(link(other, "feature-maps")).to_have_value(address, timeout=PAUSE)
    expect(other.locator("#feature-maps .channel h3")).to_contain_text("block2_1")
    expect(other.locator("#feature-maps .views [data-mode=why]")).to_have_attribute("aria-pressed", "true")
    expect(other.locator("#feature-maps .common")).to_have_attribute("aria-pressed", "true")
    expect(other.get_by_label("Network", exact=True)).to_have_value(re.compile("Lite0"))
    expect(told(other, "feature-maps")).to_be_hidden()

    other.locator("#feature-maps-link .anew").click()
    expect(other.locator("#feature-maps .facts")).to_contain_text("conv3_1", timeout=PAUSE)
    expect(link(other, "feature-maps")).to_have_value(re.compile("network=vgg16_catdog.*photo=cat$"))
    expect(other.get_by_label("Network", exact=True)).to_have_value(re.compile("VGG-16"))


def test_the_dials_of_fine_tune_go_by_link_and_wait_for_start(opened, server):
    asked = {"tab": "finetune", "set": "shapes", "held_out": "0.4", "seed": "3", "depth": "last_block"}
    page = opened(f"{server}/?{'&'.join(f'{name}={value}' for name, value in asked.items())}&epochs=9999")
    expect(page.locator("#finetune-trust")).to_contain_text("Press Start", timeout=PAUSE)
    expect(told(page, "finetune")).to_contain_text("(epochs)")
    assert settings(link(page, "finetune").input_value()) == asked
    expect(page.locator("#finetune-overview")).to_contain_text("shapes")
    expect(page.locator("#finetune-sets [aria-pressed=true]")).to_have_text("Shapes")
    expect(page.locator("#finetune-depth input:checked")).to_have_value("last_block")
    expect(page.get_by_role("spinbutton", name="number input for Held out")).to_have_value("0.4")
    page.locator("#finetune-link .anew").click()
    expect(page.locator("#finetune-sets [aria-pressed=true]")).to_have_text("Textures", timeout=PAUSE)
    expect(page.locator("#finetune-depth input:checked")).to_have_value("new_layer")
    expect(link(page, "finetune")).to_have_value(re.compile(r"\?tab=finetune&set=textures$"))


def test_a_picture_goes_from_tab_to_tab(opened, server):
    page = opened(server)

    def send(figure: str, name: str) -> None:
        page.locator(figure).hover()
        page.locator(f"{figure} [aria-haspopup=menu]").click()
        page.get_by_role("menuitem", name=name).click()

    use = page.locator("#kernel .response [aria-haspopup=menu]")
    page.locator("#kernel .tile[aria-pressed=true]").wait_for()
    use.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Feature maps")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Adversarial")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(use).to_be_focused()

    send("#kernel .response", "Adversarial")
    expect(page.locator("#adversarial-photos .mine")).to_have_attribute("alt", "sobel_x.png", timeout=PAUSE)
    expect(page.locator("#adversarial-bars .row").first).to_be_visible(timeout=PAUSE)
    expect(page.locator("#adversarial-verdict table")).to_have_count(0)
    send("#adversarial-wipe .pair", "Feature maps")
    expect(page.locator("#feature-maps-photos .mine")).to_have_attribute(
        "alt", "whiskers-adversarial.png", timeout=PAUSE
    )
    expect(told(page, "feature-maps")).to_contain_text("Your own photo is not in the link", timeout=PAUSE)
    send("#feature-maps .large", "Ideal image")
    expect(page.locator("#ideal-start input:checked")).to_have_value("photo", timeout=PAUSE)
    expect(page.locator("#ideal-photos .mine")).to_be_visible(timeout=PAUSE)
    send("#ideal-frames figure", "Kernels")
    expect(page.locator("#kernel .photo-caption")).to_contain_text("ideal-image")
    expect(told(page, "kernels")).to_contain_text("Your own photo is not in the link")
