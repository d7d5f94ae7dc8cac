"""Networks that come with the library, so that no catalogue model needs BioNetGen or Perl.

``python -m ltpath.shipped`` writes them after a change of the rules: a network whose content is
unchanged stays. Tests compare them with a fresh expansion.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import ltpath.networks
from ltpath.cache import write_atomically
from ltpath.expansion import ReactionNetwork, described, packed, sources, unpacked

_INDEX = "index.json"


def _folder() -> Path:
    return Path(next(iter(ltpath.networks.__path__)))


def index() -> dict[str, dict[str, str]]:
    """``sources``: a hash of the sources that the networks were made from; ``content`` of each model, and the ``file``'s hash."""
    path = _folder() / _INDEX
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"sources": {}, "content": {}, "file": {}}


def shipped(name: str, content: str | None = None) -> ReactionNetwork | None:
    """The shipped network of a model, if it was made from the present sources, or has this content.

    Parameters
    ----------
    name : str
    content : str, optional
        Hash of what decides the network (`ltpath.expansion.described`); default: the sources must be the same.
    """
    known = index()
    same = known["content"].get(name) == content if content else known["sources"].get("all") == sources()
    if not same or name not in known["file"]:
        return None
    whole = (_folder() / f"{name}.network").read_bytes()
    if hashlib.sha256(whole).hexdigest() != known["file"][name]:
        return None
    return unpacked(whole, name, known["content"][name])


def main(names: Sequence[str] = ()) -> None:
    """Write the networks of all models whose content has changed, or of those that are named.

    Other programs may read them meanwhile: every file is the old one or the new one, and one that
    does not fit the index counts as not there.
    """
    from ltpath.catalogue import load, model_names

    known = index()
    for name in model_names():
        content = described(load(name).rules)[1]
        if known["content"].get(name) != content or name in names:
            network = load(name).expanded(fresh=name in names)
            whole = packed(network)
            write_atomically(_folder() / f"{name}.network", whole)
            known["content"][name], known["file"][name] = content, hashlib.sha256(whole).hexdigest()
            print(f"{name}: {len(network.species):,} species, {len(network.arrays['rate']):,} reactions, {len(whole):,} bytes")
    for gone in set(known["content"]) - set(model_names()):
        (_folder() / f"{gone}.network").unlink(missing_ok=True)
        del known["content"][gone], known["file"][gone]
    known["sources"] = {"all": sources()}
    write_atomically(_folder() / _INDEX, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1:])
