"""Fine-tuning: a folder of photos becomes a classifier on top of a frozen network."""

from core.finetune.archive import ZipLimits, extract_zip
from core.finetune.classifier import Classifier
from core.finetune.dataset import (
    MAX_PHOTOS,
    SUFFIXES,
    Entry,
    ImageFolder,
    LeftOut,
    Photo,
    changed,
    scan_entries,
    scan_folder,
)
from core.finetune.evaluate import Evaluation, wilson_interval
from core.finetune.export import Packed, Packing, load_classifier, pack, pack_steps
from core.finetune.fit import Epoch, FeatureProgress, FitSettings, Fitted, KnownFeatures, fit, fit_steps
from core.finetune.model_card import Training
from core.finetune.published_sets import (
    PUBLISHED,
    Unpacking,
    bytes_to_fetch,
    published_set_steps,
    published_title,
)
from core.finetune.sets import SETS
from core.finetune.textures import texture_tiles

__all__ = [
    "MAX_PHOTOS",
    "PUBLISHED",
    "SETS",
    "SUFFIXES",
    "Classifier",
    "Entry",
    "Epoch",
    "Evaluation",
    "FeatureProgress",
    "FitSettings",
    "Fitted",
    "ImageFolder",
    "KnownFeatures",
    "LeftOut",
    "Packed",
    "Packing",
    "Photo",
    "Training",
    "Unpacking",
    "ZipLimits",
    "bytes_to_fetch",
    "changed",
    "extract_zip",
    "fit",
    "fit_steps",
    "load_classifier",
    "pack",
    "pack_steps",
    "published_set_steps",
    "published_title",
    "scan_entries",
    "scan_folder",
    "texture_tiles",
    "wilson_interval",
]
