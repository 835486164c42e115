"""Photos learnt from that look like those of another class: perhaps they lie in the wrong folder."""

from __future__ import annotations

from dataclasses import dataclass

from core.finetune.neighbours import similarities
from core.finetune.split_features import SplitFeatures

NEIGHBOURS = 5  # that are asked
LEAST_NEIGHBOURS = 3  # fewer say nothing
AGREEING = 0.8  # share of them that must be of one and the same other class


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """A photo and the class that its neighbours have."""

    place: int  # row of `SplitFeatures.train`
    looks_like: int  # label
    agreeing: int  # of the neighbours
    asked: int


def doubtful_photos(split: SplitFeatures) -> list[Doubtful]:
    """The photos learnt from whose nearest others belong to another class, the most doubtful first.

    Edited nearest neighbours (Wilson 1972, doi:10.1109/TSMC.1972.4309137) with a larger majority. Asked are
    as many neighbours as every class can give; where a class has too few photos, nothing is said.
    """
    counts = split.train_labels.bincount(minlength=len(split.classes))
    asked = min(NEIGHBOURS, int(counts.min()) - 1)
    if asked < LEAST_NEIGHBOURS:
        return []
    alike = similarities(split.train, split.train).fill_diagonal_(-2)
    nearest = alike.topk(asked, dim=1)
    found = []
    for place, (labels, near) in enumerate(
        zip(split.train_labels[nearest.indices], nearest.values, strict=True)
    ):
        votes = labels.bincount(minlength=len(split.classes))
        winner = int(votes.argmax())
        if winner != int(split.train_labels[place]) and int(votes[winner]) >= AGREEING * asked:
            sureness = (int(votes[winner]), float(near.mean()))
            found.append(
                (sureness, Doubtful(place=place, looks_like=winner, agreeing=sureness[0], asked=asked))
            )
    return [each for _, each in sorted(found, key=lambda pair: pair[0], reverse=True)]
