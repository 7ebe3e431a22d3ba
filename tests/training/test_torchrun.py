"""Several processes, as torchrun starts them, train one network."""

import json
import subprocess
import sys

import pytest

from stylecam.models.checkpoint import load_checkpoint

RECIPE = "steps = 2\nbatch = 1\nsize = 64\nframe = 64\nstyle_size = 64\nchannels = [8, 8, 16]\nblocks = 1\n"

GUARD = 600  # seconds until it is taken to hang: with the cores given to others it took more than 300


@pytest.mark.timeout(GUARD + 60)
@pytest.mark.parametrize("norm", ["batch"])  # whose statistics the processes share, as instance norm's need not be
def test_two_processes_train_one_network(painting_file, content_folder, vgg_file, tmp_path, norm):
    (tmp_path / "tiny.toml").write_text(RECIPE)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "stylecam.realtime.cli", "train", painting_file, "--content", content_folder]
    command += ["--name", "tiny", "--recipe", tmp_path / "tiny.toml", "--norm", norm, "--vgg-weights", vgg_file]
    command += ["--device", "cpu", "--workers", "0", "--preview-every", "1", "--json", "-o", tmp_path / "run"]
    done = subprocess.run(map(str, command), capture_output=True, text=True, check=False, timeout=GUARD)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["finished"]  # one object: the first process's
    assert "nothing to do" not in done.stderr
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").training["data"]["processes"] == 2
    assert len(list((tmp_path / "run" / "previews").iterdir())) == 2
