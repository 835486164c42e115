"""How soon digits are read, and how far they may be moved: `python -m tests.benchmarks.digits [--seeds 3]`.

For each seed: the seconds of training both networks at the page's settings, measurements included, and the
shares of 1,000 held-out digits that each reads correctly, in the middle and 4 pixels off it.
"""

from __future__ import annotations

import argparse
import time

from core.digit_networks import TrainDigitsSettings, new_digit_networks, shift_accuracy_steps, train_digits
from core.digits import load_digits


def main() -> None:
    """Print a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    learnt, held_out = load_digits()
    for seed in range(parser.parse_args().seeds):
        settings = TrainDigitsSettings(seed=seed)
        networks = new_digit_networks(settings)
        started = time.perf_counter()
        train_digits(networks, learnt, held_out, settings)
        seconds = time.perf_counter() - started
        shares = [
            f"{title} {move.accuracy[0]:.1%} against {move.accuracy[1]:.1%}"
            for title, move in zip(
                ("in the middle", "4 pixels off"),
                shift_accuracy_steps(networks, held_out, (0, 4)),
                strict=True,
            )
        ]
        print(f"seed {seed}: {seconds:.1f} s; network against perceptron: {', '.join(shares)}")


if __name__ == "__main__":
    main()
