"""Feature visualisation: change an image, not the weights, until a network sees what is asked for."""

from core.featurevis.opinion import JUDGES, judged_classes, second_opinion
from core.featurevis.optimize import IdealImageStep, ideal_image, ideal_image_steps
from core.featurevis.recipe import NETWORKS, Recipe, read_recipe, write_png
from core.featurevis.settings import RUNGS, Settings, rung

__all__ = [
    "JUDGES",
    "NETWORKS",
    "RUNGS",
    "IdealImageStep",
    "Recipe",
    "Settings",
    "ideal_image",
    "ideal_image_steps",
    "judged_classes",
    "read_recipe",
    "rung",
    "second_opinion",
    "write_png",
]
