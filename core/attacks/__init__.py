"""Small changes to an image that change the answer of a network, and an honest verdict on them."""

from core.attacks.budgeted import AttackStep, PGDSettings, fgsm, pgd, pgd_steps
from core.attacks.verdict import Trial, Verdict, verdict

__all__ = ["AttackStep", "PGDSettings", "Trial", "Verdict", "fgsm", "pgd", "pgd_steps", "verdict"]
