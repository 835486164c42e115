"""How Whiskers is served: settings, certificate, health, figures, waiting, and the teacher's reset."""

from __future__ import annotations

import ipaddress
import ssl
import stat
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from cryptography import x509
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core import runner
from core.qr import qr_svg
from core.runner import run_steps
from demos._handlers import SESSION_HEADER
from demos._sessions import SESSIONS
from server.certificate import make_certificate
from server.classroom import local_address, qr_text
from server.routes import Routes
from server.settings import ServerSettings

KEY = "0123456789abcdef" * 2


@pytest.fixture
def routes() -> Routes:
    return Routes(teacher_key="the teacher's")


@pytest.fixture
def client(routes: Routes) -> TestClient:
    return TestClient(Starlette(routes=routes.all()))


def test_settings_come_from_the_environment() -> None:
    assert ServerSettings.from_environment({}) == ServerSettings()
    chosen = {"HOST": "::", "PORT": "80", "WHISKERS_PASSWORD": "x", "WHISKERS_MAX_UPLOAD_MB": "5"}
    assert ServerSettings.from_environment(chosen) == ServerSettings(
        host="::", port=80, password="x", upload_megabytes=5
    )
    assert ServerSettings.from_environment({"WHISKERS_CLASS": "1"}).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("PORT", "-1"), ("WHISKERS_CLASS", "maybe")],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be .*{value}"):
        ServerSettings.from_environment({name: value})


def test_the_certificate_is_one_that_browsers_can_use(tmp_path: Path) -> None:
    files = make_certificate(tmp_path, "192.168.1.7")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.168.1.7")]
    certificate.verify_directly_issued_by(certificate)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600


def test_the_qr_code_says_the_address() -> None:
    address = f"https://{local_address()}:7860"
    lines = qr_text(address).splitlines()
    light = [[c in half for c in line] for line in lines for half in ("█▀", "█▄")]
    picture = cv2.resize(np.array(light, np.uint8) * 255, None, fx=8, fy=8, interpolation=0)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [address]
    assert qr_svg(address).startswith("<svg")


def test_health_and_figures(client: TestClient) -> None:
    SESSIONS.open("someone")
    steps = run_steps(lambda: iter(range(3)), session="someone")
    next(steps)
    told = client.get("/healthz").json()
    assert told["status"] == "ok"
    assert (told["jobs"], told["sessions"]) == (1, SESSIONS.count())
    figures = client.get("/metrics").text
    assert "whiskers_jobs 1.0" in figures
    assert f"whiskers_sessions {float(SESSIONS.count())}" in figures
    assert 'whiskers_step_seconds_count{kind="long"}' in figures
    steps.close()
    assert client.get("/healthz").json()["jobs"] == 0
    SESSIONS.end_now("someone")


def test_whoever_waits_is_told_how_long(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = runner.Turns(_step_seconds=0.9)
    monkeypatch.setattr(runner, "TURNS", turns)
    assert client.get("/waiting", headers={SESSION_HEADER: KEY}).json() == {"words": "", "resets": 0}
    with turns.job("a"), turns.job("b"), turns.job("c"), turns.job(KEY):
        told = client.get("/waiting", headers={SESSION_HEADER: KEY}).json()["words"]
    assert told == "3 others are at work here. Your next step comes in about 3 s."


def test_only_the_teacher_resets_the_class(client: TestClient, routes: Routes) -> None:
    SESSIONS.open("someone")
    folder = SESSIONS.folder("someone")
    for key in ("", "the student's", "the teacher's, é"):
        assert client.post("/reset", headers={"x-whiskers-teacher": key.encode()}).status_code == 403
    assert folder.exists()
    assert client.get("/reset").status_code == 405
    assert client.post("/reset", headers={"x-whiskers-teacher": "the teacher's"}).json() == {"reset": True}
    assert not folder.exists()
    assert client.get("/waiting").json()["resets"] == 1
    nobody = TestClient(Starlette(routes=Routes().all()))
    assert nobody.post("/reset", headers={"x-whiskers-teacher": ""}).status_code == 403
