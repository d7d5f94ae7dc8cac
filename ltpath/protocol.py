"""Protocols: what is done to a synapse, as data. The same fields in Python and in TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any, ClassVar

import ltpath.protocols
from ltpath.errors import BadValue, LtpathError, ProtocolError, UnknownName
from ltpath.units import parse, written

# How each field is read; a field that is not here is a count, a list of names, or text.
_KINDS = {
    "duration": "time", "at": "time", "every": "time", "start": "time", "end": "time", "length": "time",
    "spike_delay": "time", "frequency": "frequency", "burst_frequency": "frequency", "spike_from": "frequency",
    "amplitude": "concentration", "dose": "concentration", "hold": "voltage",
}  # fmt: skip
_MOST_PULSES = 1_000_000
_LONGEST = 1000 * 86400.0


class _Described:
    """Reads text fields with units when an object is made."""

    def _read(self, where: str) -> None:
        for f in fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            if f.name in _KINDS and value is not None:
                object.__setattr__(self, f.name, parse(value, _KINDS[f.name], f"{where}: {f.name}"))
            elif f.type in ("int", int):
                if isinstance(value, bool) or not isinstance(value, Integral):
                    raise BadValue(f"{where}: {f.name} must be a whole number, not {value!r}")
                object.__setattr__(self, f.name, int(value))
            elif f.type in ("str", str) and not (isinstance(value, str) and value.isprintable()):
                raise BadValue(f"{where}: {f.name} must be one line of text, not {value!r}")


@dataclass(frozen=True, kw_only=True)
class Stimulus(_Described):
    """What all stimuli share: when, and how often the whole of it is repeated.

    Attributes
    ----------
    at : str or float
        Start of the first repeat ("0 s"; floats are seconds).
    repeats : int
    every : str or float
        From the start of one repeat to the start of the next.
    synapses : tuple of str or None
        None means all.
    """

    kind: ClassVar[str]
    at: float = 0.0
    repeats: int = 1
    every: float = 0.0
    synapses: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        where = f"stimulus '{self.kind}'"
        if self.synapses is not None:
            names = (self.synapses,) if isinstance(self.synapses, str) else self.synapses
            if not isinstance(names, (list, tuple)) or not names or not all(isinstance(n, str) for n in names):
                raise BadValue(f'{where}: synapses must be a list of names, such as ["A"], not {self.synapses!r}')
            object.__setattr__(self, "synapses", tuple(names))
        self._read(where)
        for name in ("pulses", "repeats", "bursts"):
            if getattr(self, name, 1) < 1:
                raise BadValue(f"{where}: {name} must be at least 1, not {getattr(self, name)}")
        for name in ("frequency", "burst_frequency", "length"):
            if getattr(self, name, 1) <= 0:
                raise BadValue(f"{where}: {name} must be above 0")
        for name in ("every", "spike_every", "spike_from", "amplitude", "at"):
            if getattr(self, name, 0) < 0:
                raise BadValue(f"{where}: {name} cannot be negative")
        if self.repeats > 1 and self.every <= 0:
            raise BadValue(f"{where}: {self.repeats} repeats need 'every', the time from one start to the next")
        if getattr(self, "pulses", 1) * self.repeats * getattr(self, "bursts", 1) > _MOST_PULSES:
            raise BadValue(f"{where}: more than {_MOST_PULSES} pulses")

    def starts(self) -> list[float]:
        """Start time of each repeat, s."""
        return [self.at + i * self.every for i in range(self.repeats)]

    @property
    def span(self) -> float:
        """From the first to the last moment of one repeat, s."""
        return (getattr(self, "pulses", 1) - 1) / getattr(self, "frequency", 1.0)


@dataclass(frozen=True, kw_only=True)
class Train(Stimulus):
    """Glutamate pulses at a fixed frequency, every `spike_every`-th with a spike, where the frequency is at least `spike_from`."""

    kind: ClassVar[str] = "train"
    pulses: int = 1
    frequency: float = 1.0
    spike_every: int = 0
    spike_from: float = 0.0
    spike_delay: float = 0.01

    @property
    def spike_interval(self) -> int:
        """Pulses from one spike to the next; 0 without spikes."""
        return self.spike_every if self.frequency >= self.spike_from else 0


@dataclass(frozen=True, kw_only=True)
class ThetaBurst(Stimulus):
    """Short bursts at theta frequency; `spike_every` counts pulses within a burst, each of which brings a spike by default."""

    kind: ClassVar[str] = "theta_burst"
    bursts: int = 10
    pulses: int = 4
    frequency: float = 100.0
    burst_frequency: float = 5.0
    spike_every: int = 1
    spike_delay: float = 0.01

    @property
    def spike_interval(self) -> int:
        """Pulses of a burst from one spike to the next; 0 without spikes."""
        return self.spike_every

    @property
    def span(self) -> float:
        """From the first to the last moment of one repeat, s."""
        return (self.bursts - 1) / self.burst_frequency + (self.pulses - 1) / self.frequency


@dataclass(frozen=True, kw_only=True)
class Pairing(Stimulus):
    """Glutamate pulses, each with a spike `spike_delay` later (negative: before), or with the voltage held at `hold`."""

    kind: ClassVar[str] = "pairing"
    pulses: int = 1
    frequency: float = 1.0
    spike_delay: float | None = None
    hold: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.spike_delay is None) == (self.hold is None):
            raise BadValue("stimulus 'pairing': give either spike_delay or hold")


@dataclass(frozen=True, kw_only=True)
class Spikes(Stimulus):
    """Back-propagating spikes alone."""

    kind: ClassVar[str] = "spikes"
    pulses: int = 1
    frequency: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Calcium(Stimulus):
    """Calcium held at `amplitude` for `length`, `pulses` times."""

    kind: ClassVar[str] = "calcium"
    amplitude: float = 10.0
    length: float = 1.0
    pulses: int = 1
    frequency: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pulses > 1 and self.length > 1 / self.frequency:
            raise BadValue(f"stimulus 'calcium': pulses of {self.length:g} s overlap at {self.frequency:g} Hz")

    @property
    def span(self) -> float:
        """From the first to the last moment of one repeat, s."""
        return (self.pulses - 1) / self.frequency + self.length


@dataclass(frozen=True, kw_only=True)
class Uncaging(Stimulus):
    """Calcium set free in the spine, `amplitude` at each pulse, which then is buffered and pumped out."""

    kind: ClassVar[str] = "uncaging"
    amplitude: float = 5.0
    pulses: int = 1
    frequency: float = 1.0


_STIMULI: dict[str, type[Stimulus]] = {c.kind: c for c in (Train, ThetaBurst, Pairing, Spikes, Calcium, Uncaging)}


@dataclass(frozen=True, kw_only=True)
class PerturbationUse(_Described):
    """A named perturbation, or free parameter values, over a time window.

    Attributes
    ----------
    name : str
        A name from the model's perturbations; empty with `set`.
    dose : str or float or None
        In uM; None takes the perturbation's own.
    set : dict of str to float
        Parameter values in the parameters' units.
    start, end : str or float or None
        ``from`` and ``to`` in TOML; None means from the start, and to the end.
    """

    name: str = ""
    dose: float | None = None
    set: Mapping[str, float] = field(default_factory=dict)
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        where = f"perturbation '{self.name or 'set'}'"
        self._read(where)
        if self.set and self.dose is not None:
            raise BadValue(f"{where}: a dose belongs to a named perturbation, not to set")
        if bool(self.name) == bool(self.set):
            raise BadValue(f"{where}: give either a name or set = {{parameter = value}}")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise BadValue(f"{where}: 'to' ({self.end:g} s) must come after 'from' ({self.start:g} s)")
        for name, value in self.set.items():
            if isinstance(value, bool) or not isinstance(value, Real) or not -1e30 < value < 1e30:
                raise BadValue(f"{where}: {name} must be a finite number, not {value!r}")
        object.__setattr__(self, "set", {name: float(value) for name, value in self.set.items()})

    def label(self) -> str:
        """In one phrase: name, dose and window."""
        text = self.name or ", ".join(f"{n} = {v:g}" for n, v in self.set.items())
        if self.dose is not None:
            text += f" {written(self.dose, 'concentration')}"
        if self.start is not None:
            text += f" from {written(self.start, 'time')}"
        if self.end is not None:
            text += f" to {written(self.end, 'time')}"
        return text


def one_or_more(given: Any) -> tuple[Any, ...]:
    """What was given as a tuple; a text, or one perturbation, stands for a tuple of itself."""
    return (given,) if isinstance(given, (str, PerturbationUse)) else tuple(given)


@dataclass(frozen=True, kw_only=True)
class Protocol(_Described):
    """A whole experiment: stimuli and perturbations, and how long to watch after time 0.

    Attributes
    ----------
    title : str
    duration : str or float
        Simulated after time 0; the baseline before it is automatic.
    stimuli : tuple of Stimulus
    perturbations : tuple of PerturbationUse
    name : str
        File stem of a shipped protocol or of the file it came from.
    """

    title: str
    duration: float
    stimuli: tuple[Stimulus, ...] = ()
    perturbations: tuple[PerturbationUse, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stimuli", (self.stimuli,) if isinstance(self.stimuli, Stimulus) else tuple(self.stimuli))
        uses = (PerturbationUse(name=u) if isinstance(u, str) else u for u in one_or_more(self.perturbations))
        object.__setattr__(self, "perturbations", tuple(uses))
        self._read("protocol")
        if not 0 < self.duration <= _LONGEST:
            raise BadValue(f"protocol: duration must be above 0 and at most {written(_LONGEST, 'time')}")
        for stimulus in self.stimuli:
            if stimulus.at >= self.duration:
                raise BadValue(
                    f"protocol: the stimulus '{stimulus.kind}' at {written(stimulus.at, 'time')} comes after the end "
                    f"({written(self.duration, 'time')})"
                )
        for use in self.perturbations:
            if use.start is not None and use.start >= self.duration:
                raise BadValue(f"protocol: the perturbation '{use.label()}' comes after the end ({written(self.duration, 'time')})")

    @property
    def last_moment(self) -> float:
        """When the last stimulus ends, s; 0 without one."""
        return max((s.starts()[-1] + s.span for s in self.stimuli), default=0.0)

    def perturbed(self, *uses: PerturbationUse | str) -> Protocol:
        """The same protocol with more perturbations; a string is the name of one for the whole run."""
        more = tuple(PerturbationUse(name=u) if isinstance(u, str) else u for u in uses)
        return Protocol(
            title=self.title, duration=self.duration, stimuli=self.stimuli,
            perturbations=self.perturbations + more, name=self.name,
        )  # fmt: skip

    def lasting(self, duration: float | str) -> Protocol:
        """The same protocol watched for another time."""
        return Protocol(
            title=self.title, duration=duration, stimuli=self.stimuli,  # type: ignore[arg-type]
            perturbations=self.perturbations, name=self.name,
        )  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], name: str = "") -> Protocol:
        """Build a protocol from the fields of a TOML file.

        Raises
        ------
        ProtocolError
            An unknown or missing field, or a value that cannot be read.
        """
        _check_fields("protocol", data, {"title", "duration", "stimulus", "perturbation"}, {"title", "duration"})
        stimuli = [_stimulus(item, i) for i, item in enumerate(_tables(data, "stimulus"), 1)]
        uses = [_use(item, i) for i, item in enumerate(_tables(data, "perturbation"), 1)]
        _needs_units("protocol", data)
        return cls(title=data["title"], duration=data["duration"], stimuli=tuple(stimuli), perturbations=tuple(uses), name=name)

    @classmethod
    def from_toml(cls, path: str | Path) -> Protocol:
        """Read a protocol file.

        Raises
        ------
        ProtocolError
            The file cannot be read; the message names the file and, for bad TOML, the line.
        """
        path = Path(path)
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            place = f", line {line.group(1)}" if line else ""
            raise ProtocolError(f"{path}{place}: this is not valid TOML: {error}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ProtocolError(f"the protocol file {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        try:
            return cls.from_dict(data, path.stem)
        except LtpathError as error:
            raise ProtocolError(f"{path}: {error}") from None

    def to_dict(self) -> dict[str, Any]:
        """The fields as a TOML file would hold them."""
        data: dict[str, Any] = {"title": self.title, "duration": written(self.duration, "time")}
        if self.stimuli:
            data["stimulus"] = [{"kind": s.kind} | _as_written(s) for s in self.stimuli]
        if self.perturbations:
            data["perturbation"] = [_as_written(p) for p in self.perturbations]
        return data


def _as_written(item: Any) -> dict[str, Any]:
    data = {}
    for f in fields(item):
        value = getattr(item, f.name)
        if value is None or value in ("", {}) or (f.default is not MISSING and value == f.default):
            continue
        name = {"start": "from", "end": "to", "length": "duration"}.get(f.name, f.name)
        data[name] = written(value, _KINDS[f.name]) if f.name in _KINDS else (list(value) if isinstance(value, tuple) else value)
    return data


def _tables(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = data.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProtocolError(f"'{name}' must be a list of tables, written [[{name}]]")
    return items


def _check_fields(where: str, data: Iterable[str], allowed: set[str], needed: set[str]) -> None:
    for name in data:
        if name not in allowed:
            raise UnknownName(f"field of {where}", name, allowed)
    for name in sorted(needed - set(data)):
        raise ProtocolError(f"{where}: '{name}' is missing")


def _needs_units(where: str, data: Mapping[str, Any]) -> None:
    for name, value in data.items():
        kind = _KINDS.get(name)
        if kind and isinstance(value, (int, float)) and not isinstance(value, bool):
            parse(str(value), kind, f"{where}: {name}")


def _stimulus(item: Mapping[str, Any], position: int) -> Stimulus:
    where = f"stimulus {position}"
    if "kind" not in item:
        raise ProtocolError(f"{where}: 'kind' is missing (allowed: {', '.join(_STIMULI)})")
    if not isinstance(item["kind"], str) or item["kind"] not in _STIMULI:
        raise UnknownName("kind of stimulus", str(item["kind"]), _STIMULI)
    stimulus = _STIMULI[item["kind"]]
    # A calcium pulse's own length is called duration in a file, as a protocol's is.
    renamed = {("length" if n == "duration" and stimulus is Calcium else n): v for n, v in item.items() if n != "kind"}
    allowed = {f.name for f in fields(stimulus)}
    _check_fields(f"{where} ({stimulus.kind})", renamed, allowed, set())
    _needs_units(where, renamed)
    return stimulus(**renamed)


def _use(item: Mapping[str, Any], position: int) -> PerturbationUse:
    where = f"perturbation {position}"
    _check_fields(where, item, {"name", "dose", "set", "from", "to"}, set())
    renamed = {{"from": "start", "to": "end"}.get(n, n): v for n, v in item.items()}
    _needs_units(where, renamed)
    if not isinstance(renamed.get("set", {}), dict):
        raise ProtocolError(f"{where}: set must be a table, such as set = {{nmda_gating_magnesium = 0.5}}")
    return PerturbationUse(**renamed)


def protocol_names() -> list[str]:
    """The names of the shipped protocols, sorted."""
    return sorted(p.stem for folder in ltpath.protocols.__path__ for p in Path(folder).glob("*.toml"))


def load_protocol(source: str | Path | Protocol) -> Protocol:
    """A protocol by shipped name, by the path of a TOML file, or as it is.

    Raises
    ------
    UnknownName
        Neither a shipped protocol nor a file.
    ProtocolError
        The file cannot be understood.
    """
    if isinstance(source, Protocol):
        return source
    text = str(source)
    if text in protocol_names():
        folder = next(iter(ltpath.protocols.__path__))
        return Protocol.from_toml(Path(folder) / f"{text}.toml")
    if text.endswith(".toml") or "/" in text or Path(text).is_file():
        return Protocol.from_toml(text)
    raise UnknownName("protocol", text, protocol_names())
