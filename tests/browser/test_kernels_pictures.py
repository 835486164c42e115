"""Pictures of the Kernels tab: the photos, files of one's own, the clipboard, the pen and the camera."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.kernels_tab import Tab, requests_from_now_on


@pytest.fixture
def live(page, server):
    """The tab as a user opens it."""
    return Tab(page, server)


def test_photos_are_there_before_they_are_chosen(live):
    asked = requests_from_now_on(live.page)
    live.page.get_by_role("button", name="Stained glass").click()
    expect(live.page.locator("#kernel .photo-caption")).to_contain_text("Stained glass")
    assert asked == []


def test_ones_own_picture_is_upright_and_shrunk_and_a_text_is_explained(live, tmp_path):
    page = live.page
    picture = Image.new("RGB", (1200, 600), "red")
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    picture.save(tmp_path / "turned.jpg", exif=exif)
    (tmp_path / "letter.png").write_text("Dear cat,")
    page.locator("#kernel input[type=file]").set_input_files(tmp_path / "turned.jpg")
    page.wait_for_function(
        "document.querySelector('#kernel .photo-caption').textContent.includes('256 × 512')"
    )
    page.locator("#kernel input[type=file]").set_input_files(tmp_path / "letter.png")
    page.wait_for_selector("#kernel .problem:not([hidden])")
    assert "letter.png could not be read as a picture" in page.locator("#kernel .problem").inner_text()


def test_a_picture_is_pasted(live):
    live.page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 30});
          canvas.getContext("2d").fillRect(0, 0, 9, 9);
          const blob = await new Promise((done) => canvas.toBlob(done));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([blob], "pasted.png", {type: "image/png"}));
          document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, cancelable: true}));
        }"""
    )
    live.page.wait_for_function(
        "document.querySelector('#kernel .photo-caption').textContent.includes('40 × 30')"
    )


def test_drawing_answers_the_pen_and_the_keyboard(live):
    page = live.page
    page.get_by_role("button", name="Draw").click()
    page.wait_for_function("document.querySelector('#kernel .photo-caption').textContent.includes('84 × 84')")
    assert np.abs(live.response()).max() == 0
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    drawn = np.abs(live.response()).sum()
    assert drawn > 0
    frame = page.locator("#kernel .photo .frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 90, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert np.abs(live.response()).sum() > drawn


def test_camera_is_mirrored_live_and_off_when_the_tab_is_left(live):
    page = live.page
    page.evaluate(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wish) => (window.stream = await ask(wish));
        }"""
    )
    page.get_by_role("button", name="Camera").click()
    page.wait_for_function(
        "document.querySelector('#kernel .photo-caption').textContent.startsWith('Camera')"
    )
    first = live.call("readResponse")["data"]
    page.wait_for_timeout(500)
    assert live.call("readResponse")["data"] != first
    assert page.evaluate("stream.getTracks()[0].readyState") == "live"
    page.get_by_role("tab", name="Begin").click()
    page.wait_for_function("stream.getTracks()[0].readyState === 'ended'")
