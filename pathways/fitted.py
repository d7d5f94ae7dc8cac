"""Numbers that this library fitted: written by the scripts in `fits/`, read from `fitted.toml`, never edited by hand."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from ltpath.quantity import Basis, Quantity, Seen, Unit


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("fitted.toml").read_text(encoding="utf-8"))


def fitted(fit: str, name: str, unit: Unit) -> Quantity:
    """The value that `fits/<fit>.py` found, with the experiments it was fitted to."""
    result = _table()[fit]
    return Quantity(
        result["values"][name],
        unit,
        Basis.FITTED,
        None,
        "; ".join([f"by fits/{fit}.py to {', '.join(result['rows'])}", *([result["adjusted"]] if "adjusted" in result else [])]),
        Seen.OWN,
    )
