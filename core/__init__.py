"""The torch work behind the tabs. Nothing here imports gradio."""

import os

# Before torch starts its threads: where other programs share the processor, threads that spin while they
# wait for each other make every step many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
