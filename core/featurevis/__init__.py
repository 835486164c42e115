"""Feature visualisation: change an image, not the weights, until a network sees what is asked for."""

from core.featurevis.optimize import IdealImageStep, ideal_image, ideal_image_steps
from core.featurevis.settings import RUNGS, Settings, rung

__all__ = ["RUNGS", "IdealImageStep", "Settings", "ideal_image", "ideal_image_steps", "rung"]
