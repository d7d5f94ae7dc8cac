"""Shared runs, so that each protocol is simulated once."""

from __future__ import annotations

import os
import shutil
from functools import cache

import pytest

# As the command line does: idle threads of LAPACK cost more than they give on these small systems.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from ltpath.simulation import Trajectory, simulate


@cache
def _run(model: str, protocol: str, *perturbations: str) -> Trajectory:
    return simulate(model, protocol, perturbations=perturbations)


@pytest.fixture(scope="session")
def run():
    """A function (model, protocol, *perturbations) -> Trajectory that remembers its results."""
    return _run


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium behind its driver; without either the test is skipped."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (pip install 'ltpath[dev]')")
    chrome, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not chrome or not driver:
        pytest.skip("no Chromium with chromedriver on the PATH (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chrome
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1440,1000", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()
