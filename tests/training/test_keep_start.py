"""A training that keeps some of the network that it started from."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from stylecam.models.catalog import BASE
from stylecam.models.checkpoint import load_checkpoint, save_checkpoint
from stylecam.models.errors import OptionsError
from stylecam.training.starting import with_start
from stylecam.training.train import train

from ..training_runs import stop_after


@pytest.fixture
def further(options, tmp_path):
    """A training on from another, which has its own weights and nothing set at its end."""
    start = train(replace(options, steps=2, output=tmp_path / "start"))
    return replace(options, start_from=start, steps=3, calibrate=0, output=tmp_path / "further")


def weights(checkpoint):
    return load_checkpoint(checkpoint).network.state_dict()


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_the_result_lies_between_the_start_and_what_was_learnt(further, tmp_path, share):
    learnt = weights(train(further))
    mean = weights(train(replace(further, keep_start=share, output=tmp_path / "mean")))
    start = weights(further.start_from)
    assert any(not torch.equal(start[name], learnt[name]) for name in start)
    for name in mean:
        assert torch.allclose(mean[name], torch.lerp(learnt[name], start[name], share), atol=1e-6)


@pytest.mark.parametrize("stopped", [1, 2])
def test_it_goes_on_after_a_stop_as_if_there_had_been_none(further, tmp_path, stopped):
    asked = replace(further, keep_start=0.5)
    whole = weights(train(replace(asked, output=tmp_path / "whole")))
    train(asked, should_stop=stop_after(stopped))
    resumed = weights(train(replace(asked, resume=True)))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_the_start_must_be_given_and_again_where_a_run_goes_on(further, options):
    with pytest.raises(OptionsError, match=r"--keep-start needs .+ starts from: give --start-from"):
        train(replace(options, keep_start=0.5))
    asked = replace(further, keep_start=0.5)
    train(asked, should_stop=stop_after(1))
    with pytest.raises(OptionsError, match="give --start-from again"):
        train(replace(asked, resume=True, start_from=None))
    for wrong in ({"keep_start": 1.5}, {"keep_start": 0.5, "norm": "batch"}):
        with pytest.raises(OptionsError, match="--keep-start"):
            replace(options, **wrong)


def test_a_start_that_has_changed_is_refused(further):
    asked = replace(further, keep_start=0.5)
    train(asked, should_stop=stop_after(1))
    start = load_checkpoint(asked.start_from)
    with torch.no_grad():
        next(start.network.parameters()).add_(1)
    save_checkpoint(asked.start_from, start)
    with pytest.raises(OptionsError, match="has changed since the run began"):
        train(replace(asked, resume=True))


def test_a_finished_run_needs_no_start_any_more(further):
    asked = replace(further, keep_start=0.5)
    before = train(asked).read_bytes()
    assert train(replace(asked, resume=True, start_from=None)).read_bytes() == before


def test_a_run_from_the_base_is_resumed_by_the_same_command(further, tmp_path):
    checkpoint = train(replace(further, keep_start=0.5), should_stop=stop_after(1))
    told, painting, state = {"keep_start": 0.5}, tmp_path / "painting.png", load_checkpoint(checkpoint)
    assert "start_from" not in with_start(told, painting, checkpoint)  # it must be given again
    state.training["start_from"]["recipe"]["name"] = BASE
    save_checkpoint(checkpoint, state)
    assert with_start(told, painting, checkpoint)["start_from"] == Path(BASE)
    assert "start_from" not in with_start({}, painting, checkpoint)
