"""What is installed is what is in the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_folder_is_mapped():
    folders = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"ltpath", "tests"}
    mapped = {v for k, v in SETTINGS["tool"]["setuptools"]["package-dir"].items() if k != "ltpath"}
    assert folders == mapped
    assert {f"ltpath.{f}" for f in folders} | {"ltpath"} == set(SETTINGS["tool"]["setuptools"]["packages"])


def test_packages_are_flat():
    nested = [p for f in SETTINGS["tool"]["setuptools"]["package-dir"].values() for p in (ROOT / f).glob("*/__init__.py")]
    assert not nested


def test_the_bare_names_are_never_imported():
    bare = re.compile(r"^\s*(?:from|import) (pathways|models|exporters|engines|experiments|protocols)\b", re.MULTILINE)
    sources = [
        p for f in ("ltpath", "pathways", "models", "exporters", "engines", "fits", "tests") for p in (ROOT / f).glob("*.py")
    ]
    assert len(sources) > 40
    assert not [p for p in sources if bare.search(p.read_text(encoding="utf-8"))]


def test_an_installed_wheel_finds_the_networks_that_came_with_it(tmp_path):
    # There the packages lie inside ltpath: a hash that follows their paths made every network look stale.
    packages = SETTINGS["tool"]["setuptools"]["package-dir"]
    for package, folder in packages.items():
        shutil.copytree(
            ROOT / folder,
            tmp_path.joinpath(*package.split(".")),
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__", *packages.values()),
        )
    asked = (
        "import sys, ltpath; from ltpath.shipped import index, shipped; "
        "print(ltpath.__file__); print(*(n for n in index()['content'] if shipped(n) is None)); print('pysb' in sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    where, missing, imported = done.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert (missing, imported) == ("", "False")
