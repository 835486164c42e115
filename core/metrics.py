"""What the server counts, for Prometheus: how much it is used, how quick it is, and what it refuses."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

STEP_SECONDS = Histogram(
    "whiskers_step_seconds",
    "Time on the device of one step of a long job, or of a short one",
    ["kind"],  # long or quick
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
WAIT_SECONDS = Histogram(
    "whiskers_wait_seconds",
    "Time that a step waited for its turn",
    ["kind"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
REFUSALS = Counter("whiskers_refusals_total", "What the server did not do", ["reason"])
EVENTS = Counter("whiskers_events_total", "What users asked for", ["tab", "outcome"])
SESSIONS = Gauge("whiskers_sessions", "Sessions that hold something")
HELD_BYTES = Gauge("whiskers_held_bytes", "What sessions hold here, each thing counted once", ["where"])
JOBS = Gauge("whiskers_jobs", "Long jobs under way")
