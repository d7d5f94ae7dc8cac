"""The cache folder, and files that are whole or not there."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from contextlib import suppress
from functools import cache
from pathlib import Path

_CHECKSUM = 32


def cache_folder() -> Path:
    """Where expanded networks and machine code are kept (``LTPATH_CACHE`` overrides)."""
    if chosen := os.environ.get("LTPATH_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".cache") / "ltpath"


def digest(*parts: str) -> str:
    """A name for content: the same for the same parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file or nothing: the name appears only when the content is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@cache
def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def keep(name: str, content: bytes) -> None:
    """Write a cache file with its checksum; where the folder cannot be written, say so and go on."""
    path = cache_folder() / name
    try:
        write_atomically(path, hashlib.sha256(content).digest() + content)
    except OSError as error:
        warnings.warn(
            f"the cache folder {path.parent} cannot be written ({error.strerror}), so the same work is done again next time",
            stacklevel=2,
        )


def kept(name: str, what: str) -> bytes | None:
    """The content of a cache file, or None where there is none; a damaged one is removed with a warning about `what`."""
    path = cache_folder() / name
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(whole[_CHECKSUM:]).digest() == whole[:_CHECKSUM]:
        return whole[_CHECKSUM:]
    drop(name, what)
    return None


def drop(name: str, what: str) -> None:
    """Remove a damaged cache file and say that it is rebuilt."""
    warnings.warn(f"{what} in the cache is damaged and is rebuilt", stacklevel=2)
    with suppress(OSError):
        (cache_folder() / name).unlink()
