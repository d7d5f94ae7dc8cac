"""CPU time and peak memory of SBML exports of one large network: ours, PySB's, and BioNetGen's, in one run.

``python benchmarks/sbml_size.py camkii_hexamer_k5`` prints the table in docs/exports.md. All three begin with the
same ``.net`` file, so that none of them expands rules, and each is a process of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

# This process imports nothing large: on Linux a new process inherits the peak memory of the one that started it.
_NETWORK = """
import sys
from pathlib import Path
from ltpath.catalogue import load
from ltpath.exporters.net import to_net
network = load(sys.argv[1]).network
Path("model.net").write_text(to_net(network))
print(f"{sys.argv[1]}: {len(network.species):,} species, {len(network.arrays['rate']):,} reactions")
"""
_OURS = """
from pathlib import Path
from ltpath.sources import network_from
from ltpath.exporters import sbml
sbml.export(network_from(Path("model.net")), None, Path("written.xml"))
"""
_PYSB = """
import sys
from pathlib import Path
from pysb.bng import load_equations
from pysb.export.sbml import SbmlExporter
from ltpath.catalogue import load
model = load(sys.argv[1]).pysb
load_equations(model, "model.net")
Path("written.xml").write_text(SbmlExporter(model).export())
"""
_BIONETGEN = 'readFile({file=>"model.net"})\nwriteSBML({})\n'


def measured(command: list[str], folder: Path, limit: int) -> tuple[float, float, str]:
    """CPU time (s), peak memory (MB) and the first error of a command, which is stopped at so many seconds of CPU time."""
    complaint = folder / "complaint.txt"
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        written = os.open(complaint, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(written, 1)
        os.dup2(written, 2)
        os.execv(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    reason = ""
    if os.WIFSIGNALED(status):
        reason = f"stopped at {limit} s"
    elif status:
        reason = (complaint.read_text(encoding="utf-8", errors="replace").splitlines() or ["no reason given"])[-1]
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, reason


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default="camkii_hexamer_k5")
    parser.add_argument("--limit", type=int, default=900, help="CPU time at which a program is stopped, s; default: 900")
    arguments = parser.parse_args()
    found, perl = find_spec("bionetgen"), shutil.which("perl")
    commands = {"ltpath": [sys.executable, "-c", _OURS]}
    if found is not None and found.origin is not None and perl is not None:
        script = Path(found.origin).parent / f"bng-{'mac' if sys.platform == 'darwin' else 'linux'}" / "BNG2.pl"
        commands["BioNetGen's writeSBML"] = [perl, str(script), "write.bngl"]
    commands["PySB's SbmlExporter"] = [sys.executable, "-c", _PYSB, arguments.model]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", _NETWORK, arguments.model], cwd=folder, check=True)
        (folder / "write.bngl").write_text(_BIONETGEN, encoding="utf-8")
        print("\n| exporter | CPU s | ratio | peak MB | ratio | file MB |\n|---|---|---|---|---|---|")
        first = None
        for program, command in commands.items():
            before = {*folder.glob("*.xml")}
            seconds, memory, reason = measured(command, folder, arguments.limit)
            first = first or (seconds, memory)
            size = "".join(f"{p.stat().st_size / 1e6:.0f}" for p in {*folder.glob("*.xml")} - before) or reason
            more = "> " if reason else ""
            print(
                f"| {program} | {more}{seconds:.0f} | {more}{seconds / first[0]:.1f} | {more}{memory:.0f} "
                f"| {more}{memory / first[1]:.1f} | {size} |",
                flush=True,
            )
            for path in folder.glob("*.xml"):
                path.unlink()


if __name__ == "__main__":
    main()
