"""Rules to reaction network: BioNetGen expands, the result is arrays, cached by content.

The cache key is a hash of the BNGL text and the BioNetGen version. A second, small
index maps (model name, hash of this package's sources) to that key, so that a
catalogue model whose network is cached is ready without importing PySB or sympy.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ltpath.cache import digest, drop, keep, kept
from ltpath.errors import BadValue, ExpansionError, MissingTool

if TYPE_CHECKING:
    from ltpath.kernels import Equations
    from ltpath.network import Network

Report = Callable[[int, int], None]
SPECIES_LIMIT = 10_000
"""Where an expansion stops unless it is told otherwise: BioNetGen takes an hour for so many species of a ring."""
CACHE_FORMAT = 7


@dataclass(frozen=True)
class ReactionNetwork:
    """An expanded network as plain arrays and text: all a simulation or an export needs.

    Attributes
    ----------
    name : str
    meta : dict
        Everything that is not an array: names, formulas, units, provenance, inputs. A model that is not
        of ltpath's own rules has ``source`` (`ltpath.sources`), and ``clock`` where its rates read the time
        (`ltpath.netreader.add_clock`).
    arrays : dict of str to numpy.ndarray
        ``reactants``/``products`` (int, reactions x width, padded with -1), ``factor``
        (statistical factor), ``rate`` (index into parameters + constants + expressions),
        ``rule`` (index into ``meta["rules"]``, negative for the reverse direction),
        ``observables`` (COO rows: observable, species, weight), ``held`` (bool).
    """

    name: str
    meta: dict[str, Any]
    arrays: dict[str, np.ndarray]
    key: str = field(default="", compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        # What is derived holds addresses of this process's machine code: another process derives it anew.
        return ReactionNetwork, (self.name, self.meta, self.arrays, self.key)

    @property
    def species(self) -> list[str]:
        return self.meta["species"]

    @property
    def parameters(self) -> dict[str, float]:
        """Default value of each parameter, in the unit of its source."""
        return dict(zip(self.meta["parameters"], self.meta["values"], strict=True))

    @property
    def units(self) -> dict[str, str]:
        """Unit of every parameter, constant, observable and expression."""
        return self.meta["units"]

    @property
    def readouts(self) -> dict[str, dict[str, str]]:
        """The trajectory's columns: name to unit and meaning."""
        return self.meta["readouts"]

    @property
    def network_free(self) -> bool:
        """Whether there are no reactions, but only the rules and the species that a model starts from (`unexpanded`)."""
        return not len(self.arrays["rate"]) and not self.foreign

    @property
    def foreign(self) -> bool:
        """Whether the model is somebody else's (`ltpath.sources`): it starts at time 0 from its own amounts, in its own units."""
        return "source" in self.meta

    def require_reactions(self) -> None:
        """Raise an error where there are none.

        Raises
        ------
        BadValue
        """
        if self.network_free:
            raise BadValue(
                f"the reaction network of '{self.name}' is too large to write down; run its rules alone (--engine nfsim)"
            )

    @property
    def synapses(self) -> list[str]:
        return sorted({i["synapse"] for i in self.meta["inputs"] if i["synapse"]})

    @cached_property
    def equations(self) -> Equations:
        """Tables and compiled formulas of this network, for its kernels."""
        from ltpath.kernels import Equations

        return Equations(self)

    @cached_property
    def index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.species)}

    @cached_property
    def conserved(self) -> dict[str, np.ndarray]:
        """Monomers that no reaction makes or destroys: name to count in each species."""
        reactants, products = self.arrays["reactants"], self.arrays["products"]
        kept = {}
        for name, counts in self._monomer_counts.items():
            padded = np.append(counts, 0.0)
            if not np.any(padded[reactants].sum(axis=1) != padded[products].sum(axis=1)):
                kept[name] = counts
        return kept

    @cached_property
    def _monomer_counts(self) -> dict[str, np.ndarray]:
        counts: dict[str, np.ndarray] = {}
        for i, species in enumerate(self.species):
            for monomer in re.findall(r"(\w+)\(", species):
                counts.setdefault(monomer, np.zeros(len(self.species)))[i] += 1
        return counts


# -- BioNetGen -------------------------------------------------------------------


def _bionetgen_folder() -> Path:
    spec = find_spec("bionetgen")
    if spec is None or not spec.submodule_search_locations:
        raise MissingTool("BioNetGen is not installed; mend it with: pip install bionetgen")
    system = {"linux": "linux", "darwin": "mac", "win32": "win"}.get(sys.platform, "linux")
    return Path(next(iter(spec.submodule_search_locations))) / f"bng-{system}"


@cache
def bionetgen_version() -> str:
    """The version of the BioNetGen that the bionetgen package ships, without starting it."""
    version = _bionetgen_folder() / "VERSION"
    return re.sub(r"\s+", " ", version.read_text(encoding="utf-8").strip()) if version.exists() else metadata.version("bionetgen")


def run_bionetgen(bngl: str, name: str, limit: int = SPECIES_LIMIT, report: Report | None = None, options: str = "") -> str:
    """Expand BNGL text with BNG2.pl and return the text of the ``.net`` file.

    Parameters
    ----------
    limit : int
        Species at which the expansion is stopped.
    report : callable, optional
        Called with the species and reactions found so far.
    options : str
        Of the action generate_network, each behind a comma.

    Raises
    ------
    MissingTool
        Perl or BioNetGen is missing.
    ExpansionError
        BioNetGen stopped, with its own last words, or there are more species than the limit.
    """

    told = [0, 0]

    def watch(line: str) -> None:
        found = re.match(r"Iteration\s+\d+:\s+(\d+) species\s+(\d+) rxns", line)
        if found is None:
            return
        told[:] = species, reactions = int(found[1]), int(found[2])
        if report is not None:
            report(species, reactions)
        if species > limit:
            raise ExpansionError(
                f"the rules of '{name}' make more than {limit:,} species ({species:,} so far); "
                f"raise the limit (ltpath expand {name} --limit ...), or run them without a network (--engine nfsim)"
            )

    text = bionetgen_output(bngl, name, f"generate_network({{overwrite=>1{options}}})", ".net", watch)
    # A network without observables has no groups; one that begins a block must end it.
    if not text.rstrip().endswith(("end groups", "end reactions")):
        raise ExpansionError(f"BioNetGen stopped half-way through '{name}': its network file is incomplete")
    from ltpath.netreader import blocks

    parts = blocks(text)
    written = [len(parts.get(part, ())) for part in ("species", "reactions")]
    if written != told:
        raise ExpansionError(
            f"BioNetGen found {told[0]:,} species and {told[1]:,} reactions of '{name}' and wrote {written[0]:,} and {written[1]:,}: "
            "its network file is incomplete"
        )
    return text


def bionetgen_output(bngl: str, name: str, action: str, suffix: str, watch: Callable[[str], None] | None = None) -> str:
    """The file that one action of BNG2.pl writes for BNGL text; `watch` sees each line of what it says meanwhile.

    Raises
    ------
    MissingTool
    ExpansionError
    """
    perl = shutil.which("perl")
    if perl is None:
        raise MissingTool(
            "BioNetGen needs Perl to expand new rules and no 'perl' is on the PATH; 'ltpath doctor' says how to get it"
        )
    script = _bionetgen_folder() / "BNG2.pl"
    if not script.exists():
        raise MissingTool(
            f"BNG2.pl is missing from the bionetgen package ({script}); mend it with: pip install --force-reinstall bionetgen"
        )
    with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
        source = Path(folder) / "network.bngl"
        source.write_text(f"{bngl}\n{action}\n", encoding="utf-8")
        said = []
        process = subprocess.Popen(
            [perl, str(script), source.name], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line.strip())
                if watch is not None:
                    watch(line)
        finally:
            # After an error or Ctrl-C it must not go on for hours.
            process.kill()
            status = process.wait()
        written = Path(folder) / f"network{suffix}"
        if status > 0 or not written.exists():
            words = [line for line in said if line]
            reason = next((w for w in words if "ABORT" in w or "ERROR" in w.upper()), words[-1] if words else "no output")
            raise ExpansionError(f"BioNetGen failed to expand '{name}' (exit status {status}): {reason}")
        return written.read_text(encoding="utf-8", errors="replace")


# -- network to arrays --------------------------------------------------------------


def expand(net: Network, limit: int = SPECIES_LIMIT, report: Report | None = None, fresh: bool = False) -> ReactionNetwork:
    """Expand a network's rules, or read the result of an earlier expansion.

    Parameters
    ----------
    limit, report
        As for `run_bionetgen`.
    fresh : bool
        Expand even if the result is known.

    Raises
    ------
    MissingTool, ExpansionError
        As `run_bionetgen`.
    """
    from ltpath.shipped import shipped

    bngl, content = described(net)
    key = digest(content, bionetgen_version())
    if not fresh:
        known = shipped(net.model.name, content) or _read(key, net.model.name)
        if known is not None:
            return known
    network = _from_net(net, expanded_rules(net.model.name, bngl, limit, report, fresh), bngl)
    keep(f"{key}.network", packed(network))
    return ReactionNetwork(network.name, network.meta, network.arrays, key)


def expanded_rules(
    name: str, bngl: str, limit: int, report: Report | None, fresh: bool, *, values: bool = False, options: str = ""
) -> str:
    """BioNetGen's text of a network, kept.

    Parameters
    ----------
    values : bool
        Whether the values in the text matter, as they do where there are compartments. Otherwise one text is
        kept for the same rules with any values, because these change nothing of what reacts.
    """
    head, begin, rest = bngl.partition("begin parameters")
    written, end, tail = rest.partition("end parameters")
    names = written if values else "".join(f"{line.split()[0]}\n" for line in written.splitlines() if line.strip())
    file, what = f"{digest(head, begin, names, end, tail, options, bionetgen_version())}.net", f"the expansion of '{name}'"
    content = None if fresh else kept(file, what)
    try:
        if content is not None:
            return zlib.decompress(content).decode()
    except (zlib.error, UnicodeDecodeError):
        drop(file, what)
    text = run_bionetgen(bngl, name, limit, report, options)
    keep(file, zlib.compress(text.encode()))
    return text


def described(net: Network) -> tuple[str, str]:
    """A network's BNGL text, and a hash of everything of it that decides the reaction network and its notes."""
    from pysb.generator.bng import BngGenerator

    bngl = BngGenerator(net.model).get_content()
    notes = json.dumps(
        [
            {n: str(q) + q.origin for n, q in net.quantities.items()},
            {n: [r.unit.value, r.meaning] for n, r in net.readouts.items()},
            [repr(i) for i in net.inputs],
            net.rule_notes,
        ]
    )
    return bngl, digest(bngl, notes, str(CACHE_FORMAT))


def unexpanded(net: Network) -> ReactionNetwork:
    """A network with the species that a model starts from and no reactions, for engines that read rules alone."""
    from pysb.generator.bng import BngGenerator

    bngl = BngGenerator(net.model).get_content()
    # BioNetGen writes nothing without a reaction: one round of the rules, whose reactions are taken out.
    text = bionetgen_output(bngl, net.model.name, "generate_network({overwrite=>1,max_iter=>1})", ".net")
    head, _, rest = text.partition("begin reactions\n")
    return _from_net(net, f"{head}begin reactions\nend reactions{rest.partition('end reactions')[2]}", bngl)


def _from_net(net: Network, text: str, bngl: str) -> ReactionNetwork:
    from ltpath.netreader import assembled, read_net

    model = net.model
    found = read_net(text, {e.name: e.expr for e in model.expressions})
    # The text may be that of an expansion with other values.
    found.parameters.update({p.name: p.value for p in model.parameters})
    names = {s: i for i, s in enumerate(found.species)}
    notes = {
        "rule_text": {r.name: rule_text(r) for r in model.rules},
        "rule_notes": net.rule_notes,
        "units": {n: u.value for n, u in net.units.items()},
        "readouts": {n: {"unit": r.unit.value, "meaning": r.meaning} for n, r in net.readouts.items()},
        "places": {
            p.id: {"volume": f"volume_{p.name}", "per_uM": f"molecules_per_uM_{p.id}", "synapse": p.synapse}
            for p in net.places.values()
        },
        "place_of": net.place_of,
        "identity": {n: m.identity for n, m in net.molecules.items()},
        "provenance": {
            n: {
                "value": q.value,
                "unit": q.unit.value,
                "basis": q.basis.value,
                "source": str(q.source) if q.source else "",
                "doi": q.source.doi if q.source else "",
                "note": q.note,
                "seen": q.seen.value,
            }
            for n, q in net.quantities.items()
        },
        "bngl": bngl,
        "bionetgen": bionetgen_version(),
    }
    network = assembled(model.name, found, notes, [r.name for r in model.rules])
    place = {s: i for i, s in enumerate(network.species)}
    network.meta["inputs"] = [
        {
            "name": i.name,
            "synapse": i.synapse,
            "species": [place[found.species[_species_index(names, p)]] for p in i.patterns],
            "amounts": list(i.amounts),
        }
        for i in net.inputs
    ]
    return network


def rule_text(rule: Any) -> str:
    """A PySB rule as BioNetGen writes it, without its rates."""
    from pysb.generator.bng import format_reactionpattern

    arrow = "<->" if rule.is_reversible else "->"
    return f"{format_reactionpattern(rule.reactant_pattern)} {arrow} {format_reactionpattern(rule.product_pattern)}"


def _species_index(names: dict[str, int], pattern: str) -> int:
    """Index of a species written by PySB; BioNetGen may order the sites of a molecule, and number the bonds, otherwise."""
    if pattern in names:
        return names[pattern]
    wanted = _canonical(pattern)
    for name, i in names.items():
        if _canonical(name) == wanted:
            return i
    raise ExpansionError(f"the species {pattern} is not in the expanded network")


def _canonical(pattern: str) -> list[str]:
    molecules, bonds = [], {}
    for name, sites in re.findall(r"(\w+)\(([^)]*)\)", pattern):
        ordered = ",".join(sorted(sites.split(","), key=lambda site: re.split("[!~]", site)[0]))
        molecules.append(f"{name}({re.sub('![0-9]+', lambda bond: f'!{bonds.setdefault(bond[0], len(bonds))}', ordered)})")
    return sorted(molecules)


# -- cache ------------------------------------------------------------------------


def packed(network: ReactionNetwork) -> bytes:
    """A network as the bytes of a compressed file."""
    body = io.BytesIO()
    np.savez_compressed(body, allow_pickle=False, meta=np.array(json.dumps(network.meta)), **network.arrays)
    return body.getvalue()


def unpacked(content: bytes, name: str, key: str = "") -> ReactionNetwork:
    """The network of such a file.

    Raises
    ------
    ValueError, KeyError, zipfile.BadZipFile
        The content is not whole.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as data:
        arrays = {n: data[n] for n in data.files if n != "meta"}
        return ReactionNetwork(name, json.loads(str(data["meta"])), arrays, key)


def _read(key: str, name: str) -> ReactionNetwork | None:
    what = f"the network of '{name}'"
    content = kept(f"{key}.network", what)
    try:
        return None if content is None else unpacked(content, name, key)
    except (ValueError, KeyError, zipfile.BadZipFile):
        drop(f"{key}.network", what)
        return None


@cache
def sources() -> str:
    """Hash of all sources that decide what a catalogue model expands to."""
    import ltpath

    # By folder and name: where the folders are differs between a checkout and an installed wheel.
    files = sorted(_source_files(Path(ltpath.__file__).parent), key=lambda p: (p.parent.name, p.name))
    return digest(*(f"{p.name}\0{p.read_text(encoding='utf-8')}" for p in files))


@cache
def source_fingerprint() -> str:
    """The same, with the programs that expand."""
    return digest(sources(), *(f"{n} {metadata.version(n)}" for n in ("pysb", "bionetgen", "sympy")))


def _source_files(root: Path) -> Iterable[Path]:
    import ltpath.models
    import ltpath.pathways

    for name in ("network", "quantity", "expansion", "netreader", "formula", "codegen", "ordering"):
        yield root / f"{name}.py"
    for package in (ltpath.models, ltpath.pathways):
        for folder in package.__path__:
            yield from (p for p in Path(folder).iterdir() if p.suffix in (".py", ".toml"))


def indexed(name: str) -> ReactionNetwork | None:
    """The cached network of a catalogue model built from exactly these sources, or None."""
    key = kept(f"{name}-{source_fingerprint()}.key", f"the index of '{name}'")
    return None if key is None else _read(key.decode(), name)


def remember(name: str, network: ReactionNetwork) -> None:
    """Index the cached network of a catalogue model under the present sources."""
    if network.key:
        keep(f"{name}-{source_fingerprint()}.key", network.key.encode())
