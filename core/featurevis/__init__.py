"""Feature visualisation: change an image, not the weights, until a network sees what is asked for.

Each part is usable alone: `parametrization` (what is free), `objectives` (what is asked), `transforms` (how
the network looks), `network` (the same function with less work), `drawing` (an image on its way),
`optimize` (the loop).
"""

from core.featurevis.drawing import Drawing
from core.featurevis.goals import Goal, drawable_layers, goals_from_text, objective_of, require_goals
from core.featurevis.objectives import (
    ChannelObjective,
    ClassObjective,
    DirectionObjective,
    NeuronObjective,
    SumObjective,
    total_variation,
)
from core.featurevis.opinion import judge_of, judged_classes, second_opinion
from core.featurevis.optimize import IdealImageStep, draw_steps, ideal_image, ideal_image_steps
from core.featurevis.recipe import NOISE, OTHER_START, Recipe, read_recipe, write_png
from core.featurevis.settings import RUNGS, Settings, rung
from core.featurevis.spectrum import power_spectrum

__all__ = [
    "NOISE",
    "OTHER_START",
    "RUNGS",
    "ChannelObjective",
    "ClassObjective",
    "DirectionObjective",
    "Drawing",
    "Goal",
    "IdealImageStep",
    "NeuronObjective",
    "Recipe",
    "Settings",
    "SumObjective",
    "draw_steps",
    "drawable_layers",
    "goals_from_text",
    "ideal_image",
    "ideal_image_steps",
    "judge_of",
    "judged_classes",
    "objective_of",
    "power_spectrum",
    "read_recipe",
    "require_goals",
    "rung",
    "second_opinion",
    "total_variation",
    "write_png",
]
