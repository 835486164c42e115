"""Every dial of the search for an ideal image, and the four rungs of the ladder as presets of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from core.featurevis.transforms import Crop, Jitter, RandomView, Rotate

RUNGS = ("pixels", "variation", "transforms", "fourier")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How an image is made; the default is the best rung of the ladder."""

    parametrization: Literal["pixel", "fourier"] = "fourier"
    range: Literal["sigmoid", "clamp"] = "sigmoid"  # how values are brought into [0, 1]
    decorrelated: bool = True  # Fourier: the three colours move as they go together in photos
    steps: int = 128  # of the optimiser, one pass through the network each
    rate: float = 0.1  # of the optimiser, in the units of the parametrization
    decay: float = 1.5  # Fourier: waves count as 1 / frequency ** decay
    variation_weight: float = 400.0  # of the total variation, beside a logit
    variation_power: Literal[1, 2] = 1  # of the difference between neighbours: 1 keeps edges, 2 blurs them
    certainty: float = 6.0  # of the log-probability, beside a logit
    temperature: float = 3.0  # of the log-probability: above 1 the network is made less sure
    statistics_weight: float = 50.0  # of the distance from photos' statistics; 0 where a network has none
    branch_share: float = 0.35  # of the gradient, through the layers of blocks that have a way past them
    transforms: bool = True  # whether the network sees random views
    jitter: float = 0.06  # of the image's side, either way
    rotation: float = 15.0  # degrees, either way
    nearest: float = 0.65  # share of the side that the closest view sees; the farthest sees all
    view: float = 5 / 7  # side of the views, as a share of the image's; by VIEW_SPREAD more or less
    noise: float = 0.0  # standard deviation of the noise on each view, of pixels in [0, 1]
    coarse: float = 0.0  # Fourier: share of the steps in which the network sees a smaller picture
    size: int = 256  # pixels, both sides
    seed: int = 0

    # What the dials of the page, a link or a saved picture can set
    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType(
        {
            "steps": (16, 512),
            "rate": (0.02, 1.0),
            "decay": (0.0, 2.5),
            "variation_weight": (0.0, 8000.0),
            "certainty": (0.0, 10.0),
            "temperature": (1.0, 5.0),
            "statistics_weight": (0.0, 200.0),
            "branch_share": (0.05, 1.0),
            "jitter": (0.0, 0.2),
            "rotation": (0.0, 45.0),
            "nearest": (0.3, 1.0),
            "view": (0.5, 1.0),
            "noise": (0.0, 0.3),
            "coarse": (0.0, 1.0),
            "size": (128, 512),
            "seed": (0, 9999),
        }
    )
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
        {
            "parametrization": ("pixel", "fourier"),
            "range": ("sigmoid", "clamp"),
            "decorrelated": (False, True),
            "variation_power": (1, 2),
            "transforms": (False, True),
        }
    )
    SIZE_STEP: ClassVar[int] = 32

    def __post_init__(self) -> None:
        good = self.steps >= 1 and self.rate > 0 and self.variation_weight >= 0 and self.size >= 32
        good = good and 0 < self.nearest <= 1 and self.jitter >= 0 and self.rotation >= 0 and self.noise >= 0
        good = good and 0 <= self.coarse <= 1 and 0 < self.branch_share <= 1 and VIEW_SPREAD < self.view <= 2
        if not (good and self.temperature > 0 and self.size % 2 == 0):
            raise ValueError(
                f"expected steps >= 1, rate > 0, weights >= 0, shares in [0, 1], even size >= 32; got {self}"
            )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all dials."""
        return tuple(each.name for each in fields(cls))

    def allowed(self) -> bool:
        """Whether the dials of the page could be set to all of this."""
        in_range = all(low <= getattr(self, name) <= high for name, (low, high) in self.RANGES.items())
        in_choice = all(getattr(self, name) in choices for name, choices in self.CHOICES.items())
        return in_range and in_choice and self.size % self.SIZE_STEP == 0

    def rendered_side(self, done: float) -> int:
        """The side in pixels at which the image is worked on after `done` (0 to 1) of the steps.

        What is broad comes first, and a small picture costs the network a third of the time.
        """
        if self.parametrization == "pixel" or done >= self.coarse:
            return self.size
        return _even(self.size * COARSE_SHARE)

    def random_view(self, done: float = 1.0) -> RandomView | None:
        """The views of the network after `done` of the steps, or None where it sees the image as it is."""
        if not self.transforms:
            return None
        side = self.rendered_side(done)
        moves = (Jitter(share=self.jitter), Rotate(degrees=self.rotation), Crop(low=self.nearest, high=1.0))
        sizes = tuple(_even(side * (self.view + more)) for more in (-VIEW_SPREAD, 0.0, VIEW_SPREAD))
        return RandomView(moves=moves, sizes=sizes, noise=self.noise)


COARSE_SHARE = 4 / 7  # of the side, in the first steps
VIEW_SPREAD = 1 / 7  # of the side


def _even(side: float) -> int:
    return max(32, 2 * round(side / 2))


# Weights of the variation where pixels are free. Seen: at 100 the eye finds noise, at 3,000 stripes and faces
PIXEL_VARIATION = {"efficientnet_lite0": 3000.0, "vgg16_catdog": 200.0}
PIXEL_RATE = 0.3  # faint at 0.2 after few steps; at 0.5 coarse

# Where VGG-16 begins: it takes ten times the work of EfficientNet-Lite0
SLOW = {"vgg": {"size": 128, "steps": 48}}
# What was found for a small picture and for free pixels; the default is for a large one of waves
SMALL: dict[str, Any] = {"certainty": 3.0, "temperature": 1.0, "nearest": 0.5, "view": 6 / 7, "size": 192}
VGG_RATE = 0.2  # with waves: in fewer steps it has to go further


def rung(name: str, network: str = "efficientnet_lite0") -> Settings:
    """A rung of the ladder for one network; each adds one thing to the rung before.

    Args:
        name: "pixels" leaves pixels free and asks for nothing else; "variation" punishes differences between
            neighbours; "transforms" also shows the network random views;
            "fourier" makes waves free, not pixels.
        network: a name in BACKBONES; logits differ in size between networks, and the weight with them.

    Raises:
        ValueError: when there is no such rung.
    """
    if name not in RUNGS:
        raise ValueError(f"no rung {name!r}; there are {', '.join(RUNGS)}")
    own: dict[str, Any] = SMALL | SLOW["vgg"] if network.startswith("vgg") else {}
    if name == "fourier":
        return Settings(**own, rate=VGG_RATE if own else Settings.rate)
    weight = 0.0 if name == "pixels" else PIXEL_VARIATION.get(network, PIXEL_VARIATION["efficientnet_lite0"])
    return Settings(
        parametrization="pixel",
        rate=0.2 if own else PIXEL_RATE,
        variation_weight=weight,
        statistics_weight=0.0,
        transforms=name == "transforms",
        **SMALL | own,
    )
