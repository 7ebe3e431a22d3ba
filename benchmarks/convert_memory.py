"""Peak memory of `realtime convert`: by the number of cores, and over a long film. For Linux.

    python benchmarks/convert_memory.py [--cores 1,2] [--frames 48] [--long 2000]

Each conversion is a process of its own, and its peak what the system counted for it. As many pictures are painted at
once as there are cores, so the process is told that it has so many; of more than the machine has, OpenVINO takes no
notice. The films are the demo scene, at 1280x720 and, the long one, at 320x180 with as many cores as there are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from convert_throughput import demo_film

CONVERT = """
import os, sys
from stylecam.realtime.cli import main
from stylecam.realtime.live.report import peak_rss_mb
film, out, cores = sys.argv[1:]
if int(cores):
    os.sched_getaffinity = lambda process: set(range(int(cores)))
code = main(["convert", film, "-o", out, "--overwrite"])
print(peak_rss_mb())
sys.exit(code)
"""


def peak_mb(film: Path, target: Path, cores: int = 0) -> float:
    """Of one conversion, in MB (10^6 bytes); 0 cores for those that there are."""
    command = [sys.executable, "-c", CONVERT, str(film), str(target), str(cores)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])


def main() -> None:
    """Prints a line for each number of cores, and one for the long film."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cores", default="1,2")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--long", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mp4"
        film = demo_film(Path(folder) / "film.mp4", given.frames, (1280, 720), 150)
        for cores in map(int, given.cores.split(",")):
            print(f"1280x720, {cores} cores: at most {peak_mb(film, target, cores):.0f} MB", flush=True)
        for frames in (given.long // 10, given.long):
            film = demo_film(Path(folder) / "long.mp4", frames, (320, 180), 250)
            peak = peak_mb(film, target)
            print(f"320x180, {frames} frames, {os.cpu_count()} cores: at most {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
