"""Is everything installed? For each part: found or missing, and the line that mends it."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from ltpath.engine import engine_names, install_line, load_engine

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Check:
    """One part of the installation.

    Attributes
    ----------
    needed : bool
        False for what only some commands use.
    found : str
        Version or place; what went wrong where it is not ok.
    mend : str
        The line to type, or what to do.
    """

    name: str
    needed: bool
    ok: bool
    found: str
    mend: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"mend": "" if self.ok else self.mend}


def checks() -> list[Check]:
    """Look at every part, in the order in which a run needs them."""
    return [
        _try("Python", True, _python, f"install Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer"),
        _package("pysb", "PySB, writes the rules"),
        _try("BioNetGen, expands the rules", True, _bionetgen, _pip("bionetgen")),
        _try("Perl, runs BioNetGen", True, _perl, _perl_line()),
        _try("expansion of a small model", True, _expansion, "mend BioNetGen and Perl above, then run 'ltpath doctor' again"),
        _package("scikit-sundae", "CVODE solver", "sksundae.cvode"),
        _package("numba", "compiles the equations"),
        _package("xarray", "holds the results"),
        _package("matplotlib", "draws"),
        _package("python-libsbml", "writes SBML", "libsbml"),
        _try("cache folder", True, _cache, "set LTPATH_CACHE to a folder that you can write, such as LTPATH_CACHE=/tmp/ltpath"),
        *(_engine(name) for name in engine_names() if hasattr(load_engine(name), "LIBRARY")),
        _package("distributed", "runs sweeps", needed=False),
        _package("zarr", "keeps sweeps", needed=False),
        _package("copasi-basico", "simulator to compare with", "basico", needed=False),
    ]


def _pip(package: str) -> str:
    return f"{sys.executable} -m pip install {package}"


def _try(name: str, needed: bool, look: Callable[[], str], mend: str) -> Check:
    try:
        return Check(name, needed, True, look(), mend)
    # A broken installation can fail in any way: a missing library is an OSError, a wrong version an AttributeError.
    except Exception as error:
        return Check(name, needed, False, " ".join(str(error).split()) or type(error).__name__, mend)


def _package(package: str, purpose: str, module: str = "", *, needed: bool = True) -> Check:
    def look() -> str:
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            raise LookupError("not installed") from None
        importlib.import_module(module or package)
        return version

    return _try(f"{package}, {purpose}", needed, look, _pip(package))


def _engine(name: str) -> Check:
    def look() -> str:
        module = load_engine(name).LIBRARY[0]
        importlib.import_module(module)
        return metadata.version(metadata.packages_distributions()[module.partition(".")[0]][0])

    return _try(f"engine {name}", False, look, install_line(name))


def _python() -> str:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise LookupError(f"{version} is too old")
    return version


def _bionetgen() -> str:
    from ltpath.expansion import bionetgen_version

    return f"{bionetgen_version()} (package {metadata.version('bionetgen')})"


def _perl() -> str:
    perl = shutil.which("perl")
    if perl is None:
        raise LookupError("not on the PATH")
    done = subprocess.run([perl, "-e", "printf '%vd', $^V"], capture_output=True, encoding="utf-8", check=False, timeout=20)
    if done.returncode != 0 or not done.stdout:
        raise LookupError(f"{perl} does not run")
    return f"{done.stdout} at {perl}"


def _perl_line() -> str:
    if sys.platform == "darwin":
        return "brew install perl"
    if sys.platform == "win32":
        return "winget install StrawberryPerl.StrawberryPerl"
    return "sudo apt-get install perl    (or your system's own package manager)"


def _expansion() -> str:
    from ltpath.expansion import run_bionetgen

    text = "begin model\nbegin parameters\n k 1\nend parameters\nbegin species\n A(b) 1\nend species\n" + (
        "begin reaction rules\n A(b)+A(b)->A(b!1).A(b!1) k\nend reaction rules\n"
        "begin observables\n Molecules a A()\nend observables\nend model\n"
    )
    return f"{run_bionetgen(text, 'dimer').count('A(b!1)')} product found"


def _cache() -> str:
    from ltpath.cache import cache_folder

    folder = cache_folder()
    there: Path = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    with tempfile.TemporaryFile(dir=there):
        return str(folder)
