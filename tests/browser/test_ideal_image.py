"""The Ideal image tab in a real Chromium: frames that arrive, Stop, the scrubber, and a server far away."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import gradio as gr
from playwright.sync_api import expect

from app import head
from core.featurevis import Goal, Recipe, read_recipe, rung
from core.runner import TURNS
from demos import ideal_image
from demos._drawer import FIRST
from demos._shared import Context
from tests.browser.conftest import free_port

TAB = "Ideal image"
FRAMES = "#ideal-frames .frames"


def open_tab(page, address: str):
    page.goto(address)
    page.get_by_role("tab", name=TAB, exact=True).click()
    page.wait_for_selector(f"{FRAMES}[data-kept]")
    return page


def counted(page, name: str) -> int:
    return int(page.locator(FRAMES).get_attribute(f"data-{name}") or 0)


def wait_for_state(page, state: str) -> None:
    page.wait_for_selector(f"{FRAMES}.{state}", timeout=120_000)


def wait_for_frames(page, count: int) -> None:
    page.wait_for_function(f"document.querySelector('{FRAMES}')?.dataset.displayed >= {count}")


def set_steps(page, steps: int) -> None:
    box = page.get_by_role("spinbutton", name="number input for Steps")
    box.fill(str(steps))
    box.press("Enter")


def choose_siamese(page) -> None:
    """The small network, by one of the classes under the thumb."""
    page.get_by_role("button", name="Siamese", exact=True).click()
    page.wait_for_function(
        "[...document.querySelectorAll('input')].some(input => input.value.startsWith('Siamese'))"
    )


def start(page) -> None:
    """Press Start and wait for the run that it begins."""
    before = page.locator(FRAMES).get_attribute("data-run")
    page.get_by_role("tabpanel").get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector(f"{FRAMES}:not([data-run='{before}'])")


def stop(page) -> None:
    page.get_by_role("tabpanel").get_by_role("button", name="Stop", exact=True).click()


def sharpness_of_shown(page) -> float:
    """Mean difference of neighbouring grey values in the shown picture, from 0 to 255."""
    return page.locator("#ideal-frames img").evaluate("""image => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 224;
        const pen = canvas.getContext("2d");
        pen.drawImage(image, 0, 0, 224, 224);
        const data = pen.getImageData(0, 0, 224, 224).data;
        let sum = 0;
        for (let i = 4; i < data.length; i += 4) sum += Math.abs(data[i] - data[i - 4]);
        return sum / (data.length / 4);
    }""")


def test_the_example_is_drawn_when_the_tab_is_opened_and_can_be_gone_through_again(page, server):
    open_tab(page, server)
    wait_for_state(page, "done")
    assert page.locator("#ideal-frames .count").inner_text().startswith("Step ")
    last, rough = page.locator("#ideal-frames img").get_attribute("src"), sharpness_of_shown(page)
    slider = page.get_by_role("slider", name="Step to look at")
    slider.press("Home")
    assert page.locator("#ideal-frames .count").inner_text().startswith("Step 0 of ")
    shown = "last => document.querySelector('#ideal-frames img').src"
    page.wait_for_function(f"{shown} !== last", arg=last)
    assert sharpness_of_shown(page) != rough
    slider.press("End")
    page.wait_for_function(f"{shown} === last", arg=last)


def test_stop_ends_the_run_within_a_step_and_start_begins_another(page, server):
    open_tab(page, server)
    stop(page)
    choose_siamese(page)
    set_steps(page, 512)
    start(page)
    wait_for_frames(page, 3)
    stop(page)
    wait_for_state(page, "stopped")
    assert page.locator("#ideal-frames .state").inner_text().startswith("Stopped at step")
    sent = counted(page, "sent")
    page.wait_for_timeout(700)
    assert counted(page, "sent") == sent
    set_steps(page, 16)
    start(page)
    wait_for_state(page, "done")
    assert "Step 16" in page.locator("#ideal-frames .count").inner_text()


def test_a_second_start_takes_the_place_of_the_first(page, server):
    open_tab(page, server)
    choose_siamese(page)
    set_steps(page, 512)
    start(page)
    wait_for_frames(page, 3)
    set_steps(page, 16)
    start(page)
    wait_for_state(page, "done")
    page.wait_for_timeout(500)
    assert "Step 16" in page.locator("#ideal-frames .count").inner_text()


def test_a_start_at_once_after_a_choice_draws_what_was_chosen(slow_page, server):
    open_tab(slow_page, server)
    wait_for_frames(slow_page, 1)
    set_steps(slow_page, 16)
    slow_page.evaluate(
        """() => ["Zebra", "Start"].forEach((name) => [...document.querySelectorAll("button")]
          .find((each) => each.textContent.trim() === name && each.checkVisibility()).click())"""
    )
    expect(slow_page.locator("#ideal-frames .title")).to_contain_text("zebra", timeout=60_000)


def test_of_the_frames_sent_over_a_slow_line_at_least_half_are_displayed(slow_page, server):
    open_tab(slow_page, server)
    choose_siamese(slow_page)
    set_steps(slow_page, 64)
    start(slow_page)
    wait_for_frames(slow_page, 2)
    wait_for_state(slow_page, "done")
    slow_page.wait_for_timeout(200)
    sent, displayed = counted(slow_page, "sent"), counted(slow_page, "displayed")
    assert sent >= 3
    assert displayed >= sent / 2, f"{displayed} of {sent} displayed, {counted(slow_page, 'kept')} arrived"


def test_the_ladder_draws_four_pictures_and_a_saved_one_brings_its_settings_back(page, server, tmp_path):
    open_tab(page, server)
    stop(page)
    choose_siamese(page)
    set_steps(page, 16)
    page.get_by_label("All four, side by side").check()
    start(page)
    wait_for_state(page, "done")
    assert page.locator("#ideal-frames figure h3").all_inner_texts() == [
        "1 Pixels alone",
        "2 + Smoothness",
        "3 + Moving the picture",
        "4 Waves, not pixels",
    ]
    assert len(set(page.locator("#ideal-frames img").evaluate_all("all => all.map(image => image.src)"))) == 4
    second = page.locator("#ideal-frames figure").nth(1)
    second.hover()
    with page.expect_download() as saving:
        second.get_by_role("button", name="Save picture").click()
    path = tmp_path / "saved.png"
    saving.value.save_as(path)
    assert read_recipe(str(path)) == Recipe(
        network="efficientnet_lite0",
        goals=(Goal(index=284),),
        rung="variation",
        settings=replace(rung("variation"), steps=16, size=FIRST.settings.size, seed=FIRST.settings.seed),
    )
    set_steps(page, 96)
    page.get_by_role("button", name="More dials").click()
    page.locator("input[type=file][accept*=png]").set_input_files(path)
    page.wait_for_function("document.querySelector('input[type=radio][value=variation]').checked")
    assert page.get_by_role("spinbutton", name="number input for Steps").input_value() == "16"


def test_a_closed_page_ends_its_run(new_page):
    with gr.Blocks() as blocks:
        ideal_image.build(Context())
    blocks.queue()
    _, address, _ = blocks.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True, head=head())
    try:
        page = new_page()
        page.goto(address)
        wait_for_frames(page, 1)
        set_steps(page, 512)
        page.get_by_role("button", name="Start", exact=True).click()
        page.wait_for_function(f"document.querySelector('{FRAMES}')?.textContent.includes('512')")
        assert TURNS._jobs
        page.close()
        deadline = time.monotonic() + 10  # the whole run takes longer; a step does not
        while TURNS._jobs and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not TURNS._jobs
    finally:
        blocks.close()


def test_searching_any_class_takes_the_network_that_knows_it(page, server):
    open_tab(page, server)
    stop(page)
    page.get_by_label("Network", exact=True).click()
    page.get_by_role("option", name="VGG-16 (cat or dog)").click()
    named = page.get_by_label("Class", exact=True)
    expect(named).to_have_value("cat")
    named.click()
    page.keyboard.type("zebra")
    page.get_by_role("option", name="zebra").click()
    expect(page.get_by_label("Network", exact=True)).to_have_value(re.compile("Lite0"))
    expect(named).to_have_value("zebra")
    expect(page.get_by_role("spinbutton", name="number input for Steps")).to_have_value(
        str(FIRST.settings.steps)
    )


def test_a_link_is_drawn_and_can_be_held_taken_up_and_branched_from(page, server):
    page.goto(f"{server}/?tab=ideal_image&goal=340&way=fourier&steps=16&size=160&seed=7&rate=9")
    wait_for_state(page, "done")
    expect(page.locator("#ideal-frames .title")).to_have_text("zebra, as EfficientNet-Lite0 sees it")
    expect(page.locator("#ideal-link .told")).to_contain_text("rate")
    expect(page.get_by_label("Class", exact=True)).to_have_value("zebra")
    expect(page.locator("#ideal-link input")).to_have_value(
        re.compile("goal=340.*steps=16.*seed=7.*size=160")
    )
    run, hold = page.locator(FRAMES).get_attribute("data-run"), page.locator("#ideal-frames .hold")
    slider, gif = page.get_by_role("slider", name="Step to look at"), page.locator("#ideal-file a")
    page.get_by_role("button", name="How it grew, as GIF").click()
    expect(gif).to_be_visible(timeout=60_000)
    slider.press("Home")
    hold.click()
    page.wait_for_function("document.querySelector('#ideal-frames .state').textContent.includes('of 80')")
    expect(gif).to_have_count(0)  # it shows less than what is drawn now
    hold.click()
    expect(hold).to_have_text("Go on")
    hold.click()
    expect(page.locator("#ideal-frames .count")).to_have_text("Step 80 of 80", timeout=60_000)
    wait_for_state(page, "done")
    assert page.locator(FRAMES).get_attribute("data-run") == run
    here = page.locator("#ideal-probability .here")
    expect(here).to_have_count(0)
    slider.press("Home")
    expect(here).to_have_count(1)  # the step that is looked at
    expect(page.locator("#ideal-link .told")).to_contain_text("sees another picture")
    page.locator("#ideal-frames .branch").click()
    page.wait_for_selector(f"{FRAMES}.done:not([data-run='{run}'])")
    page.get_by_role("button", name="How it grew, as GIF").click()
    expect(page.locator("a[href$='whiskers-ideal-image.gif']")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="More contrast").click()
    page.get_by_role("button", name="Enlarge").locator("visible=true").click()
    assert "contrast(" in page.locator("dialog img").evaluate("each => getComputedStyle(each).filter")
    page.get_by_role("button", name="Close").locator("visible=true").click()
    page.get_by_role("button", name="Start", exact=True).locator("visible=true").click()
    page.wait_for_function(
        f"document.querySelector('{FRAMES}.running') && !document.querySelector('#ideal-file a')"
    )  # the film of another drawing goes while the new one is drawn, not at its end
    wait_for_state(page, "done")


def test_a_channel_is_drawn(page, server):
    page.goto(f"{server}/?tab=ideal_image&goal=channel:block3_1:5&steps=16&size=128")
    wait_for_state(page, "done")
    assert page.locator("#ideal-frames .title").inner_text().startswith("Channel 5 of block3_1")
    expect(page.get_by_label("Layer", exact=True)).to_have_value("block3_1")
