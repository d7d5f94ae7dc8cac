"""Is everything here that ltpath needs, and if not, what mends it?"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata

from ltpath.errors import LtpathError
from ltpath.expansion import bionetgen_version, cache_folder


@dataclass(frozen=True)
class Check:
    """One thing that was looked for.

    Attributes
    ----------
    needed : bool
        False for what only some commands use.
    found : str
        Version or place.
    mend : str
        The line that mends it.
    """

    name: str
    needed: bool
    ok: bool
    found: str
    mend: str


def check() -> list[Check]:
    """Look for Python, the expansion engine, Perl, the solver and the optional simulators."""
    version = ".".join(map(str, sys.version_info[:3]))
    checks = [Check("Python", True, sys.version_info >= (3, 11), version, "install Python 3.11 or later")]
    for package, needed in (
        ("pysb", True), ("bionetgen", True), ("scikit-sundae", True), ("numba", True), ("python-libsbml", True),
        ("libroadrunner", False), ("copasi-basico", False),
    ):  # fmt: skip
        found = _version(package)
        checks.append(Check(package, needed, bool(found), found or "not installed", f"pip install {package}"))
    checks.append(_engine())
    perl = shutil.which("perl")
    checks.append(
        Check("Perl", True, perl is not None, perl or "not on the PATH", "apt-get install perl (or strawberryperl.com on Windows)")
    )
    checks.append(_cache())
    return checks


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _engine() -> Check:
    mend = "pip install --force-reinstall bionetgen"
    try:
        return Check("BNG2.pl", True, True, bionetgen_version(), mend)
    except (LtpathError, OSError) as error:
        return Check("BNG2.pl", True, False, str(error), mend)


def _cache() -> Check:
    folder = cache_folder()
    parent = folder
    while not parent.exists():
        parent = parent.parent
    return Check(
        "cache folder", False, os.access(parent, os.W_OK), str(folder), "set LTPATH_CACHE to a folder that you can write"
    )
