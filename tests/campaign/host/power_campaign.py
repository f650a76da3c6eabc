# SPDX-License-Identifier: GPL-2.0-or-later
"""One boot of a virtual machine: a workload on a disk whose writes are logged, then the cuts."""

import argparse
import pathlib
import re
import subprocess
import tempfile
from collections import Counter

from .figures import lost_text

TOP = pathlib.Path(__file__).resolve().parents[3]

SCENARIO = """# SPDX-License-Identifier: GPL-2.0-or-later
. /vm/power_cut.sh
. /vm/campaign.sh
run_campaign {cuts} {seed} {operations}
"""


def main() -> int:
    options = _parse()
    with tempfile.TemporaryDirectory(prefix="campaign-power-") as directory:
        scenario = pathlib.Path(directory) / "power_cut_campaign.sh"
        scenario.write_text(SCENARIO.format(**vars(options)))
        command = [TOP / "tests/vm/run", scenario, "--kernel", options.kernel,
                   "--filesystem", options.filesystem, "--build-dir", options.build_dir]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="")
    if done.returncode == 77:
        return 77
    results = re.search(r"logs in (.*)", done.stdout)[1]
    _report(pathlib.Path(results) / "power_cut_campaign.cuts")
    if done.returncode:
        print(f"seed {options.seed}; the logs are in {results}")
    return done.returncode


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/campaign/power-cut",
        description="Cuts the power at random moments; nothing wrong may be served after that.")
    add = parser.add_argument
    add("--cuts", type=int, default=100)
    add("--seed", type=int, default=1)
    add("--operations", type=int, default=300, help="of each of the workload's four threads")
    add("--kernel", choices=["6.1", "6.12"], default="6.1")
    add("--filesystem", choices=["ext4", "xfs"], default="ext4")
    add("--build-dir", type=pathlib.Path, default=TOP / "build/dev")
    return parser.parse_args()


def _report(path: pathlib.Path) -> None:
    lines = path.read_text().splitlines() if path.exists() else []
    cuts = [[_figures(text) for text in line.split("online:")] for line in lines]
    if not cuts:
        print("power cut: 0 cuts")
        return
    direct, online = (sum(column, Counter()) for column in zip(*cuts))
    fewest = min(found["compared"] for cut in cuts for found in cut)
    print(f"power cut: {len(cuts)} cuts; {direct['compared']} blocks compared on the disk, "
          f"{online['compared']} through the daemon, at least {fewest} after each: "
          f"{direct['wrong'] + online['wrong']} wrong")
    if online["expected"]:
        print(f"power cut: lost: {lost_text(online)}")


def _figures(text: str) -> Counter:
    return Counter({key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", text)})
