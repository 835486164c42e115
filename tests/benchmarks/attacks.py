"""Attacks on dogs beside the libraries': `python -m tests.benchmarks.attacks FOLDER`, in `.venv-bench`.

FOLDER holds photos with the name of an ImageNet class in their file names; those of dogs are taken. Every
result is saved as PNG and read back before it counts. Ends with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import types
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.attacks import PGDSettings, SmallestSettings, pgd, smallest_change
from core.attacks.controls import noise
from core.backbone import Backbone, load_backbone
from core.images import open_image, png, to_tensor, to_uint8

DOGS = ("Chihuahua", "beagle", "golden", "German", "husky", "dalmatian", "pug", "Samoyed")
TARGETS = (281, 284, 340, 385, 817)  # tabby, Siamese cat, zebra, Indian elephant, sports car
EPSILON, STEPS, PASSES = 2.0, 40, 100
LARGEST_RATIO = 0.92  # of our L2 to the quantised DDN's, geometric mean over the pairs

Attack = Callable[[Tensor, int], Tensor]


def without_visdom() -> None:
    """adv-lib imports a window on the web for its curves; nothing here needs it."""
    stub = types.ModuleType("adv_lib.utils.visdom_logger")
    stub.VisdomLogger = object  # type: ignore[attr-defined]
    sys.modules.setdefault("adv_lib.utils.visdom_logger", stub)


def attacks(network: Backbone) -> dict[str, Attack]:
    """All attacks by name: a batch and a target to the changed batch."""
    import foolbox
    import torchattacks

    without_visdom()
    from adv_lib.attacks.decoupled_direction_norm import ddn

    class Model(torch.nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return network.logits(images.clamp(0, 1))

    model = Model().eval()

    def torchattacks_pgd(images: Tensor, target: int) -> Tensor:
        size = EPSILON / 255
        attack = torchattacks.PGD(model, eps=size, alpha=4 * size / STEPS, steps=STEPS, random_start=False)
        attack.set_mode_targeted_by_label(quiet=True)
        return attack(images, torch.full((len(images),), target))

    def foolbox_ddn(images: Tensor, target: int) -> Tensor:
        bounded = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
        wanted = foolbox.criteria.TargetedMisclassification(torch.full((len(images),), target))
        found = foolbox.attacks.DDNAttack(steps=PASSES)(bounded, images, wanted, epsilons=None)
        return found[0]

    def adv_lib_ddn(images: Tensor, target: int) -> Tensor:
        labels = torch.full((len(images),), target)
        return ddn(model, images, labels, targeted=True, steps=PASSES, levels=256)

    return {
        "PGD, ours": lambda images, target: (
            pgd(network, images, target, PGDSettings(epsilon=EPSILON, steps=STEPS)).adversarial
        ),
        "PGD, torchattacks": torchattacks_pgd,
        "smallest, ours": lambda images, target: (
            smallest_change(network, images, target, SmallestSettings(passes=PASSES)).adversarial
        ),
        "DDN at 256 levels, adv-lib": adv_lib_ddn,
        "DDN, foolbox": foolbox_ddn,
    }


def judged(network: Backbone, before: Tensor, after: Tensor, target: int) -> tuple[list[float], list[bool]]:
    """The length of each change and whether it works, both of the file that is saved and read back."""
    sizes, works = [], []
    for one, other in zip(to_uint8(before), to_uint8(after.detach().clamp(0, 1)), strict=True):
        read = np.asarray(open_image(png(other)))
        with torch.no_grad():
            works.append(int(network.logits(to_tensor(read)).argmax()) == target)
        sizes.append(float(np.linalg.norm(read.astype(float) - one)) / 255)
    return sizes, works


def geometric_mean(values: list[float]) -> float:
    """Of positive numbers."""
    return math.exp(sum(map(math.log, values)) / len(values))


def main() -> int:
    """Print a table; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="two dogs and two targets")
    given = parser.parse_args()
    network = load_backbone("efficientnet_lite0", "cpu")
    photos = [path for path in sorted(given.folder.iterdir()) if any(dog in path.name for dog in DOGS)]
    photos, targets = (photos[:2], TARGETS[:2]) if given.quick else (photos, TARGETS)
    dogs = torch.cat([network.preprocess(open_image(path)) for path in photos])
    sizes, works = defaultdict(list), defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    for target in targets:  # interleaved, so that a busy machine is busy for all
        for name, attack in attacks(network).items():
            started = time.perf_counter()
            changed = attack(dogs, target)
            seconds[name] += time.perf_counter() - started
            found = judged(network, dogs, changed, target)
            sizes[name] += found[0]
            works[name] += found[1]
            if name == "smallest, ours":
                pairs = zip(to_uint8(dogs), to_uint8(changed), strict=True)
                random = torch.cat([to_tensor(noise(*pair)) for pair in pairs])
                found = judged(network, dogs, random, target)
                sizes["noise of that length"] += found[0]
                works["noise of that length"] += found[1]
    return report(sizes, works, seconds) | catdog(dogs)


def report(sizes: dict[str, list[float]], works: dict[str, list[bool]], seconds: dict[str, float]) -> int:
    """Print the table of EfficientNet-Lite0."""
    for name, lengths in sizes.items():
        share = sum(works[name]) / len(works[name])
        passes = STEPS if name.startswith("PGD") else PASSES
        each = 1000 * seconds[name] / passes / (len(lengths) / len(TARGETS)) / len(TARGETS)
        speed = f"{each:7.1f} ms a pass and image" if seconds[name] else ""
        print(f"{name:<28}{share:>7.0%} on the file   L2 {geometric_mean(lengths):.3f}   {speed}")
    both = zip(sizes["smallest, ours"], sizes["DDN at 256 levels, adv-lib"], strict=True)
    ratio = geometric_mean([ours / theirs for ours, theirs in both])
    pace = seconds["PGD, ours"] / seconds["PGD, torchattacks"] * STEPS / (STEPS + 1)
    print(f"smallest change: {ratio:.3f} of adv-lib's length, paired (at most {LARGEST_RATIO})")
    print(f"PGD: {pace:.2f} of torchattacks' time for a pass; it takes one more, to report the end")
    good = all(works["PGD, ours"]) and all(works["smallest, ours"]) and not any(works["noise of that length"])
    return 0 if good and ratio <= LARGEST_RATIO else 1


def catdog(dogs: Tensor) -> int:
    """VGG-16's cat and dog head: every dog that it takes for one becomes a cat."""
    network = load_backbone("vgg16_catdog", "cpu")
    cat = network.classes.index("cat")
    with torch.no_grad():
        dogs = dogs[network.logits(dogs).argmax(1) != cat]
    _, works = judged(network, dogs, pgd(network, dogs, cat, PGDSettings(steps=10)).adversarial, cat)
    found = smallest_change(network, dogs, cat, SmallestSettings(passes=30)).adversarial
    lengths, smallest_works = judged(network, dogs, found, cat)
    print(
        f"VGG-16, dog to cat: PGD {sum(works)} of {len(works)}; smallest change "
        f"{sum(smallest_works)} of {len(works)}, L2 {geometric_mean(lengths):.3f}"
    )
    return 0 if all(works) and all(smallest_works) else 1


if __name__ == "__main__":
    raise SystemExit(main())
