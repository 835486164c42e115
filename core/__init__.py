"""The torch work behind the tabs. Nothing here imports gradio."""

import os

# Before torch starts its threads: where other programs share the processor, threads that spin while they
# wait for each other make every step many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ON_ZERO_GPU = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")  # as its package reads it

if ON_ZERO_GPU:
    import spaces  # noqa: F401  it changes torch, and has to come before it
