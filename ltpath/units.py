"""Times, frequencies, concentrations and voltages as people write them: "5 min", "100 Hz", "50 uM"."""

from __future__ import annotations

import math
import re
from numbers import Real

from ltpath.errors import BadValue

# To s, Hz, uM and mV.
_SCALES = {
    "time": {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "frequency": {"mHz": 1e-3, "Hz": 1.0, "kHz": 1e3},
    "concentration": {"pM": 1e-6, "nM": 1e-3, "uM": 1.0, "mM": 1e3, "M": 1e6},
    "voltage": {"uV": 1e-3, "mV": 1.0, "V": 1e3},
}
_EXAMPLE = {"time": "5 min", "frequency": "100 Hz", "concentration": "50 uM", "voltage": "-40 mV"}
_WRITTEN = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]+)\s*$")


def with_ascii_units(text: str) -> str:
    """The text with "u" for the micro sign and for the Greek letter that looks like it, also where the locale cannot read them."""
    return text.encode(errors="surrogateescape").decode(errors="replace").translate({0xB5: "u", 0x3BC: "u"})


def parse(text: object, kind: str, field: str) -> float:
    """Read a quantity.

    Parameters
    ----------
    text : str or number
        With its unit; a bare number is taken only where it is 0 or already in
        s, Hz, uM or mV because Python code passed it.
    kind : {"time", "frequency", "concentration", "voltage"}
    field : str
        Named in the error.

    Returns
    -------
    float
        In s, Hz, uM or mV.

    Raises
    ------
    BadValue
        No unit, a unit of another kind, or not a finite number.
    """
    if isinstance(text, Real) and not isinstance(text, bool):
        value = float(text)
    else:
        match = _WRITTEN.match(with_ascii_units(text)) if isinstance(text, str) else None
        if match is None:
            raise BadValue(f'{field} must be a {kind} with a unit, such as "{_EXAMPLE[kind]}", not {text!r}')
        number, unit = match.groups()
        if unit not in _SCALES[kind]:
            raise BadValue(f"{field} is a {kind} and takes {', '.join(_SCALES[kind])}, not '{unit}' (in {text!r})")
        value = float(number) * _SCALES[kind][unit]
    if not math.isfinite(value):
        raise BadValue(f"{field} must be a finite number, not {text!r}")
    return value


def written(value: float, kind: str) -> str:
    """The shortest way to write a value with a unit: 300 s is "5 min"."""
    scales = _SCALES[kind]
    for unit, scale in sorted(scales.items(), key=lambda item: -item[1]):
        number = value / scale
        if abs(number) >= 1 and math.isclose(number, round(number, 3), rel_tol=1e-12):
            return f"{round(number, 3):.12g} {unit}"
    base = {"time": "s", "frequency": "Hz", "concentration": "uM", "voltage": "mV"}[kind]
    return f"{value:.15g} {base}"
