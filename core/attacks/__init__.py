"""Small changes to an image that change the answer of a network, and an honest verdict on them."""

from core.attacks.budgeted import AttackStep, PGDSettings, fgsm, pgd, pgd_steps
from core.attacks.minimal import SearchStep, SmallestSettings, smallest_change, smallest_change_steps
from core.attacks.verdict import Trial, Verdict, verdict

__all__ = [
    "AttackStep",
    "PGDSettings",
    "SearchStep",
    "SmallestSettings",
    "Trial",
    "Verdict",
    "fgsm",
    "pgd",
    "pgd_steps",
    "smallest_change",
    "smallest_change_steps",
    "verdict",
]
