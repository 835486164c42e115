"""Every dial of the search for an ideal image, and the four rungs of the ladder as presets of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from core.featurevis.transforms import Crop, Jitter, RandomView, Rotate

RUNGS = ("pixels", "variation", "transforms", "fourier")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How an image is made; the default is the best rung of the ladder."""

    parametrization: Literal["pixel", "fourier"] = "fourier"
    steps: int = 128  # of the optimiser, one pass through the network each
    rate: float = 0.2  # of Adam, in the units of the parametrization
    decay: float = 1.5  # Fourier: waves count as 1 / frequency ** decay
    variation_weight: float = 200.0  # of the total variation, beside a logit
    certainty: float = 2.0  # of the log-probability, beside a logit
    statistics_weight: float = (
        50.0  # of the distance from the statistics of photos; 0 where a network has none
    )
    transforms: bool = True  # whether the network sees random views
    jitter: float = 0.03  # of the image's side, either way
    rotation: float = 10.0  # degrees, either way
    nearest: float = 0.65  # share of the side that the closest view sees; the farthest sees all
    size: int = 224  # pixels, both sides
    seed: int = 0

    STEPS_RANGE: ClassVar[tuple[int, int]] = (16, 512)  # of the page's sliders
    VARIATION_RANGE: ClassVar[tuple[float, float]] = (0.0, 4000.0)
    SEED_RANGE: ClassVar[tuple[int, int]] = (0, 9999)

    def __post_init__(self) -> None:
        good = self.steps >= 1 and self.rate > 0 and self.variation_weight >= 0 and self.size >= 32
        if not (good and 0 < self.nearest <= 1 and self.jitter >= 0 and self.rotation >= 0):
            raise ValueError(
                f"expected steps >= 1, rate > 0, weights >= 0, nearest in (0, 1], size >= 32; got {self}"
            )

    def random_view(self) -> RandomView | None:
        """The views of the network, or None where it sees the image as it is."""
        if not self.transforms:
            return None
        moves = (Jitter(share=self.jitter), Rotate(degrees=self.rotation), Crop(low=self.nearest, high=1.0))
        return RandomView(moves=moves, sizes=tuple(self.size * part // 7 for part in (5, 6, 7)))


# Weights of the variation where pixels are free. Seen: at 100 the eye finds noise, at 2,000 ears and faces
PIXEL_VARIATION = {"efficientnet_lite0": 2000.0, "vgg16_catdog": 200.0}

# Pixels, both sides: VGG-16 takes ten times the work of EfficientNet-Lite0 and draws as well at half the area
SIZES = {"vgg16_catdog": 160}


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
    size = SIZES.get(network, Settings.size)
    if name == "fourier":
        return Settings(size=size)
    weight = 0.0 if name == "pixels" else PIXEL_VARIATION.get(network, PIXEL_VARIATION["efficientnet_lite0"])
    return Settings(
        parametrization="pixel",
        rate=0.2,
        variation_weight=weight,
        statistics_weight=0.0,
        transforms=name == "transforms",
        size=size,
    )
