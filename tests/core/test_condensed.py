"""A condensed network has no normalisations and is the same function, gradients too."""

from __future__ import annotations

import torch
from torch import nn

from core.backbone import load_backbone
from core.condensed import condensed


def test_answers_and_gradients_are_those_of_the_network_and_it_is_made_once():
    lite0 = load_backbone("efficientnet_lite0", "cpu")
    model = condensed(lite0)
    assert model is condensed(lite0)
    assert model is not condensed(lite0, keep_last=True)
    assert not any(isinstance(each, nn.BatchNorm2d) for each in model.modules())
    images = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(1)).requires_grad_()
    answers, known = model(images), lite0.logits(images)
    torch.testing.assert_close(answers, known, rtol=1e-3, atol=1e-3)
    ours, theirs = (torch.autograd.grad(each[:, 284].sum(), images)[0] for each in (answers, known))
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()))
