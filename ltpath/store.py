"""The Zarr folder that a sweep writes: one writer, whole chunks, a checksum on every one.

A chunk holds some neighbouring runs. Each of its files (one a variable) appears under its name only
when it is complete, and the chunk's file of ``status`` comes last, so whatever stops the
program, a run is either marked and whole or not marked. A chunk counts as written when the system says
that it is on the disk, so that a power cut costs no finished chunk. What the disk does to a file later, the
checksum tells.

Chunks are written here byte by byte and not through the zarr package, which takes ten times as long for
thirty small files; the layout is plain Zarr 3 (codecs ``bytes`` and ``crc32c``) and zarr and xarray read it.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask.array as da
import google_crc32c
import numpy as np
import xarray as xr
import zarr
from zarr.codecs import Crc32cCodec

from ltpath.cache import write_atomically
from ltpath.errors import SweepError
from ltpath.worker import FAILED, FINISHED, TO_DO

if TYPE_CHECKING:
    from ltpath.sweep import Plan

_TEXT = np.dtypes.StringDType()
_AT_ONCE = 16
"""Files that the disk is asked for at a time."""


@dataclass
class Chunk:
    """Some neighbouring runs and what is known of them.

    Attributes
    ----------
    number : int
    first : int
        Its first run.
    values : numpy.ndarray
        Shape (variable, run, time); NaN where a run failed or has no such time.
    status : numpy.ndarray
    messages : list of str
    new : int
        How many of its runs this session is to run.
    """

    number: int
    first: int
    values: np.ndarray
    status: np.ndarray
    messages: list[str]
    new: int = 0

    def waiting(self) -> list[int]:
        """The runs that neither finished nor failed."""
        return [self.first + int(i) for i in np.flatnonzero(self.status == TO_DO)]


class Store:
    """The chunks of one sweep on disk.

    Parameters
    ----------
    path : Path
    plan : Plan
    chunk : int
        Runs in a chunk.
    """

    def __init__(self, path: Path, plan: Plan, chunk: int) -> None:
        self.path, self.plan, self.chunk = path, plan, chunk
        self.size = len(plan)
        self.chunks = math.ceil(self.size / chunk)

    @classmethod
    def create(cls, path: Path, plan: Plan, chunk: int) -> Store:
        """Lay out an empty store; its name appears when it is complete."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with _layout(path.parent, plan, chunk) as folder:
            os.chmod(folder, 0o755)
            _to_disk([folder, *folder.rglob("*")])
            os.replace(folder, path)
            _to_disk([path.parent])
        return cls(path, plan, chunk)

    @classmethod
    def open(cls, path: Path, plan: Plan) -> Store:
        """A store that exists, if it is this sweep's.

        Raises
        ------
        SweepError
            It holds something else, or its declaration cannot be read.
        """
        kept = _declaration(path)
        difference = _difference(kept["declaration"], json.loads(json.dumps(plan.declaration())))
        if difference:
            raise SweepError(f"{path} holds another sweep: {difference}; choose another output, or remove it")
        store = cls(path, plan, kept["chunk"])
        # Names, units and coordinates follow from the declaration: whatever became of them, they are written again.
        with _layout(path.parent, plan, store.chunk) as folder:
            for file in (f for f in folder.rglob("*") if f.is_file()):
                there = path / file.relative_to(folder)
                content = file.read_bytes()
                if not there.is_file() or there.read_bytes() != content:
                    write_atomically(there, content)
        for leftover in [*path.rglob(".*-*"), *path.rglob("*.partial")]:
            leftover.unlink(missing_ok=True)
        return store

    def read(self, number: int, *, repeat_failed: bool = False) -> Chunk:
        """A chunk as it is on disk; runs of which anything is missing or damaged are to do."""
        first = number * self.chunk
        count = min(self.chunk, self.size - first)
        names, times = self.plan.keep, len(self.plan.times)
        chunk = Chunk(number, first, np.full((len(names), count, times), np.nan), np.zeros(count, np.int8), [""] * count)
        status = self._bytes("status", number, np.int8, (self.chunk,))
        data = [self._bytes(name, number, np.float64, (self.chunk, times)) for name in names] if status is not None else [None]
        if status is None or any(d is None for d in data):
            return chunk
        chunk.status[:] = status[:count]
        chunk.values[:] = np.stack([d for d in data if d is not None])[:, :count]
        with suppress(Exception):  # a lost message is judged below
            chunk.messages = [str(m) for m in self._array("message")[first : first + count]]
        unexplained = (chunk.status == FAILED) & np.array([not m for m in chunk.messages])
        again = (chunk.status == FAILED) if repeat_failed else unexplained
        chunk.status[again | ~np.isin(chunk.status, (FINISHED, FAILED))] = TO_DO
        return chunk

    def write(self, chunk: Chunk) -> None:
        """Store a chunk, its status last, and wait until the disk has it."""
        padding = self.chunk - len(chunk.status)
        values = np.pad(chunk.values, ((0, 0), (0, padding), (0, 0)), constant_values=np.nan).astype("<f8")
        files = [self._put(name, chunk.number, data) for name, data in zip(self.plan.keep, values, strict=True)]
        if any(chunk.messages) or self._file("message", chunk.number).exists():
            self._array("message")[chunk.first : chunk.first + len(chunk.messages)] = np.array(chunk.messages, dtype=_TEXT)
            files.append(self._file("message", chunk.number))
        files.append(self._put("status", chunk.number, np.pad(chunk.status, (0, padding))))
        _to_disk([*files, *(p for file in files for p in file.parents if self.path in p.parents)])

    def dataset(self) -> xr.Dataset:
        """The store as xarray reads it, lazily."""
        return xr.open_zarr(self.path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second sweep out; the lock goes with the process, however that ends."""
        try:
            import fcntl
        except ImportError:  # Windows: nothing to hold a folder with
            yield
            return
        handle = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SweepError(f"another sweep is writing {self.path} at this moment") from None
            except OSError:  # a file system without locks
                pass
            yield
        finally:
            os.close(handle)

    def _array(self, name: str) -> Any:
        return zarr.open_array(self.path / name, mode="r+")

    def _file(self, name: str, number: int) -> Path:
        return self.path / name / "c" / str(number) / ("" if name in ("status", "message") else "0")

    def _put(self, name: str, number: int, data: np.ndarray) -> Path:
        body, file = np.ascontiguousarray(data).tobytes(), self._file(name, number)
        write_atomically(file, body + google_crc32c.value(body).to_bytes(4, "little"))
        return file

    def _bytes(self, name: str, number: int, kind: Any, shape: tuple[int, ...]) -> np.ndarray | None:
        """One file's content, or None if it is not there or not whole."""
        try:
            content = self._file(name, number).read_bytes()
        except OSError:
            return None
        body, checksum = content[:-4], content[-4:]
        whole = len(body) == math.prod(shape) * np.dtype(kind).itemsize
        if not whole or google_crc32c.value(body).to_bytes(4, "little") != checksum:
            return None
        return np.frombuffer(body, kind).reshape(shape)


def _to_disk(paths: Iterable[Path]) -> None:
    """Wait until files, and the names in folders, are on the disk, as far as the file system can say so."""
    # All at once, because a disk then writes them together: for 33 files a quarter of the time that one after the other take.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_wait_for_disk, dict.fromkeys(paths)))


def _wait_for_disk(path: Path) -> None:
    is_folder = path.is_dir()
    # Windows opens no folder, and some file systems have nothing to wait for in one.
    with suppress(OSError) if is_folder else nullcontext():
        handle = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _layout(beside: Path, plan: Plan, chunk: int) -> Iterator[Path]:
    """A temporary folder with everything of a store but the results."""
    n, times = len(plan), len(plan.times)

    def empty(shape: tuple[int, ...], fill: Any, kind: Any) -> Any:
        return da.full(shape, fill, dtype=kind, chunks=(chunk, *shape[1:]))

    variables: dict[str, Any] = {
        name: (("run", "time"), empty((n, times), np.nan, "f8"), attributes) for name, attributes in plan.keep.items()
    }
    flags = {"flag_values": [TO_DO, FINISHED, FAILED], "flag_meanings": "to_do finished failed"}
    variables["status"] = ("run", empty((n,), 0, "i1"), flags)
    variables["message"] = ("run", empty((n,), "", _TEXT), {"long_name": "why a run failed, or what it warned of"})
    coordinates = {
        name: ("run", values.astype(_TEXT) if values.dtype.kind in "OU" else values, attributes)
        for name, (values, attributes) in plan.coordinates().items()
    }
    coordinates["time"] = (
        "time",
        plan.times,
        {"units": "s", "long_name": "time after the stimuli" if plan.sweep.after else "time"},
    )
    data = xr.Dataset(variables, coordinates, plan.attributes() | {"chunk": chunk, "sweep": json.dumps(plan.declaration())})
    folder = tempfile.mkdtemp(dir=beside, prefix=".ltpath-")
    encoding = {name: {"compressors": [Crc32cCodec()]} for name in variables}
    try:
        with warnings.catch_warnings():
            # Consolidated metadata, which xarray looks for first, is an extension of Zarr 3.
            warnings.simplefilter("ignore")
            data.to_zarr(folder, mode="w", compute=False, encoding=encoding, zarr_format=3, consolidated=True)
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _declaration(path: Path) -> dict[str, Any]:
    try:
        attributes = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        return {"declaration": json.loads(attributes["sweep"]), "chunk": int(attributes["chunk"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise SweepError(f"{path} exists and is not a sweep that can be resumed; choose another output, or remove it") from None


def _difference(there: Any, here: Any, name: str = "") -> str:
    """The first difference of two declarations in words, or nothing."""
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        for key in [*there, *(k for k in here if k not in there)]:
            found = _difference(there.get(key), here.get(key), f"{name}, {key}" if name else key)
            if found:
                return found
        return ""
    if there == here:
        return ""
    return f"its {name} is {_brief(there)}, not {_brief(here)}"


def _brief(value: Any) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
