"""Feature visualisation: change an image, not the weights, until a network sees what is asked for."""

from core.featurevis.opinion import JUDGES, judged_classes, second_opinion
from core.featurevis.optimize import IdealImageStep, ideal_image, ideal_image_steps
from core.featurevis.settings import RUNGS, Settings, rung

__all__ = [
    "JUDGES",
    "RUNGS",
    "IdealImageStep",
    "Settings",
    "ideal_image",
    "ideal_image_steps",
    "judged_classes",
    "rung",
    "second_opinion",
]
