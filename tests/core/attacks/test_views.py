"""What stands between a picture and the network is what the file goes through, and has a gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from core.attacks import PGDSettings, pgd
from core.attacks.soft_jpeg import soft_jpeg
from core.attacks.treatments import SMOOTH, TREATMENTS, jpeg_file, straight_through
from core.attacks.views import DEFENCES, View, own_size, world
from core.backbone import load_backbone
from core.images import open_image, png, to_tensor, to_uint8
from core.samples import sample_path

SIAMESE = 284


@pytest.fixture(scope="module")
def network():
    return load_backbone("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def dog(network):
    return network.preprocess(open_image(sample_path("mastiff")))


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_smooth_twin_of_a_treatment_gives_nearly_the_same(dog, name: str):
    real = to_tensor(TREATMENTS[name](Image.fromarray(to_uint8(dog)[0])))
    assert float((SMOOTH[name](dog).clamp(0, 1) - real).abs().mean()) < 2 / 255


@pytest.mark.parametrize("quality", [30, 60, 75])
def test_the_soft_jpeg_is_nearer_to_the_real_one_than_the_photo_is(dog, quality: int):
    picture = Image.fromarray(to_uint8(dog)[0])
    real = to_tensor(jpeg_file(picture, quality))
    assert float((soft_jpeg(dog, quality) - real).abs().mean()) < 0.4 * float((dog - real).abs().mean())


@pytest.mark.parametrize("name", ["blur", "resize", "shift", "print"])
def test_straight_through_is_exactly_what_the_file_goes_through(dog, name: str):
    real = to_tensor(TREATMENTS[name](Image.fromarray(to_uint8(dog)[0])))
    images = dog.clone().requires_grad_(True)
    seen = straight_through(images, TREATMENTS[name], SMOOTH[name])
    torch.testing.assert_close(seen.detach(), real, atol=1e-6, rtol=0)
    (gradient,) = torch.autograd.grad(seen.sum(), images)
    assert float(gradient.abs().mean()) > 0.5


@pytest.mark.parametrize("name", ["efficientnet_lite0", "vgg16_catdog"])
@pytest.mark.parametrize("size", [(400, 300), (150, 131)])
def test_a_photo_at_its_own_size_is_seen_as_the_network_prepares_it(name: str, size: tuple[int, int]):
    network = load_backbone(name, "cpu")
    picture = open_image(sample_path("mastiff")).resize(size)
    view = own_size(network, picture.height, picture.width)
    seen = view(to_tensor(picture), generator())
    apart = (seen - network.preprocess(picture)).abs() * 255
    assert float(apart.mean()) < 0.6  # Pillow rounds twice
    assert float(apart.max()) < 2.5


def test_an_attack_at_the_photos_own_size_works_in_the_file_and_holds_the_budget(network):
    picture = open_image(sample_path("mastiff"))
    image = to_tensor(picture)
    view = own_size(network, picture.height, picture.width)
    last = pgd(network, image, SIAMESE, PGDSettings(epsilon=2.0, steps=10), view)
    saved = open_image(png(to_uint8(last.adversarial)[0]))
    assert saved.size == picture.size
    assert np.abs(np.asarray(saved).astype(int) - np.asarray(picture)).max() <= 2
    assert int(network.logits(network.preprocess(saved)).argmax()) == SIAMESE


def test_one_that_was_to_survive_survives_more_of_the_world(network, dog):
    given = PGDSettings(epsilon=4.0, steps=20)

    def survived(view: View | None) -> int:
        picture = Image.fromarray(to_uint8(pgd(network, dog, SIAMESE, given, view).adversarial)[0])
        seen = torch.cat([to_tensor(treat(picture)) for treat in TREATMENTS.values()])
        return int((network.logits(seen).argmax(1) == SIAMESE).sum())

    assert survived(world()) == len(TREATMENTS) > survived(None)


def test_the_same_seed_draws_the_same_world(dog):
    assert torch.equal(world()(dog, generator()), world()(dog, generator()))


@pytest.mark.parametrize("name", DEFENCES)
def test_a_defence_holds_until_the_attacker_knows_it(network, dog, name: str):
    defence = DEFENCES[name]

    def fooled(view: View | None) -> float:
        with torch.no_grad():
            changed = pgd(network, dog, SIAMESE, PGDSettings(epsilon=2.0, steps=20), view).adversarial
            draws = [
                defence.draw(changed, torch.Generator().manual_seed(100 + i)) for i in range(defence.tries)
            ]
            return float((network.logits(torch.cat(draws)).argmax(1) == SIAMESE).float().mean())

    assert fooled(None) <= 0.5
    assert fooled(defence.view()) >= 0.75
