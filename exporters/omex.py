"""A COMBINE archive: model, simulation, rules, graph and picture in one file, with a certificate of what is inside."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from ltpath.exporters import bngl, graphml, sbgn, sedml, svg
from ltpath.exporters.needs import library
from ltpath.exporters.sbml import creators, licences

import ltpath
from ltpath.cache import write_atomically
from ltpath.errors import BadValue
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol, load_protocol
from ltpath.verification import COMPILED, SIMULATORS, Check, Verification, course, verify

NAME = "omex"
SUFFIX = ".omex"
SUMMARY = "COMBINE archive: SBML, SED-ML, BNGL, SBGN, graph, picture, README and certificate"

# Of SED-ML without its version: libCOMBINE knows none above 3, and tellurium would not find the file.
_COMBINE, _MEDIA = "http://identifiers.org/combine.specifications", "http://purl.org/NET/mediatypes"
Files = Mapping[str, tuple[str, str]]
"""Name of a file to its format and what it is."""
# Names are fixed, so that no name of a model or a protocol becomes a path.
_FILES = {
    "model.sedml": (f"{_COMBINE}/sed-ml", "runs the model and plots every readout"),
    "model.xml": (f"{_COMBINE}/sbml.level-3.version-2", "the reaction network as SBML, with the protocol as events"),
    "model.bngl": (f"{_MEDIA}/text/bngl+plain", "the rules, with the protocol as actions of BioNetGen"),
    "graph.graphml": (f"{_MEDIA}/application/xml", "species and reactions as a graph"),
    "map.sbgn": (f"{_COMBINE}/sbgn", "what acts on what as an SBGN activity flow map, with the positions of the picture"),
    "picture.svg": (f"{_MEDIA}/image/svg+xml", "molecules and the processes between them"),
    "protocol.json": (f"{_MEDIA}/application/json", "the protocol in the words of ltpath"),
    "README.md": (f"{_MEDIA}/text/markdown", "this text"),
    "certificate.json": (f"{_MEDIA}/application/json", "SHA-256 of each file, what made them, and how they were verified"),
}
_MASTER = "model.sedml"
# The same archive on any day.
_DATE = (1980, 1, 1, 0, 0, 0)


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What no file of the archive can say."""
    return []


def proof(network: ReactionNetwork, protocol: Protocol | None) -> Verification:
    """What the installed simulators make of the archive's SBML until a minute after the last event.

    Raises
    ------
    MissingTool, ExportError
        As `to_omex`, before anything has run.
    """
    library("libsedml", NAME)
    protocol = protocol or load_protocol("baseline")
    found = verify(
        network, protocol, duration=course(network, protocol), simulators=tuple(name for name in SIMULATORS if name not in COMPILED)
    )
    left_out = [
        Check(name, "", "not run", f"it compiles the model for up to minutes: ltpath verify --in {name}") for name in COMPILED
    ]
    return replace(found, checks=(*found.checks, *left_out))


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path, verification: Mapping[str, Any] | None = None) -> None:
    """Write the archive; `verification` as for `to_omex`."""
    write_atomically(Path(path), to_omex(network, protocol, verification))


def to_omex(network: ReactionNetwork, protocol: Protocol | None = None, verification: Mapping[str, Any] | None = None) -> bytes:
    """The archive's bytes.

    Parameters
    ----------
    network : ReactionNetwork
    protocol : Protocol, optional
        Default: the shipped ``baseline``.
    verification : dict, optional
        `Verification.certificate` of `proof`; the certificate says "not run" without it.

    Raises
    ------
    MissingTool, ExportError
        As the formats inside.
    """
    protocol = protocol or load_protocol("baseline")
    with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
        inside = Path(folder)
        sedml.export(network, protocol, inside / "model.sedml")
        bngl.export(network, protocol, inside / "model.bngl")
        graphml.export(network, protocol, inside / "graph.graphml")
        # More than a picture can show, or nothing that it could: then the archive has none.
        with suppress(BadValue):
            sbgn.export(network, protocol, inside / "map.sbgn")
            svg.export(network, protocol, inside / "picture.svg")
        content = {path.name: path.read_bytes() for path in inside.iterdir()}
    content["protocol.json"] = _json(protocol.to_dict())
    files = {name: about for name, about in _FILES.items() if name in {*content, "README.md", "certificate.json"}}
    content["README.md"] = _readme(network, protocol, files).encode()
    content["certificate.json"] = _json(
        {
            "ltpath": ltpath.__version__,
            "bionetgen": network.meta["bionetgen"],
            "model": network.name,
            "protocol": protocol.title,
            "sha256": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(content.items())},
            "verification": dict(verification) if verification else "not run",
        }
    )
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {"manifest.xml": _manifest(files).encode(), **{n: content[n] for n in files}}.items():
            entry = zipfile.ZipInfo(name, _DATE)
            # Unix, on Windows too.
            entry.create_system = 3
            archive.writestr(entry, body, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _manifest(files: Files) -> str:
    entries = {".": f"{_COMBINE}/omex", "./manifest.xml": f"{_COMBINE}/omex-manifest"} | {
        f"./{n}": f for n, (f, _) in files.items()
    }
    master = {f"./{_MASTER}": ' master="true"'}
    lines = [f"  <content location={quoteattr(n)} format={quoteattr(f)}{master.get(n, '')}/>" for n, f in entries.items()]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<omexManifest xmlns="{_COMBINE}/omex-manifest">'
    return "\n".join([head, *lines, "</omexManifest>", ""])


def _readme(network: ReactionNetwork, protocol: Protocol, files: Files) -> str:
    sources = sorted({p["source"] for p in network.meta["provenance"].values() if p["source"]})
    lines = [
        f"# {network.name}: {protocol.title}",
        "",
        f"Made by ltpath {ltpath.__version__} from rules that BioNetGen {network.meta['bionetgen']} expanded: "
        f"{len(network.species)} species, {len(network.arrays['rate'])} reactions.",
        "",
        *(f"Model by {creator}." for creator in creators(network)),
        *(f"Licence: {licence}" for licence in licences(network)),
        "",
        "| file | what |",
        "|---|---|",
        *(f"| {name} | {what} |" for name, (_, what) in files.items()),
        "",
        f"Any SED-ML simulator runs `model.sedml`.{'' if network.foreign else ' Amounts are molecules, time is in seconds.'}",
        "",
        "| readout | unit | what |",
        "|---|---|---|",
        *(f"| {name} | {r['unit']} | {r['meaning']} |" for name, r in network.readouts.items()),
    ]
    if sources:
        lines += ["", "Sources of the parameters (which is which: notes of each parameter in `model.xml`):", ""]
        lines += [f"- {source}" for source in sources]
    return "\n".join([*lines, ""])
