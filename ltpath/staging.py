"""Output folders that receive all files of a command or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ltpath.errors import BadValue


def check_writable(folder: Path) -> None:
    """Fail before the work, not after it.

    Raises
    ------
    BadValue
        The folder cannot be made, or files cannot be written in it.
    """
    there = folder.absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise BadValue(f"the output folder {folder} cannot be used: {there} is not a folder")
    try:
        os.rmdir(tempfile.mkdtemp(dir=there, prefix=".ltpath-"))
    except OSError as error:
        raise BadValue(f"the output folder {folder} cannot be written: {error.strerror}") from None


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A hidden folder inside `folder`, whose files are moved up when the block ends well.

    On an error or Ctrl-C the hidden folder goes, and with it every folder that was made for it.

    Raises
    ------
    BadValue
        The disk is full, or the folder became unwritable.
    """
    made = [p for p in (folder, *folder.parents) if not p.exists()]
    stage = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=folder, prefix=".ltpath-"))
        yield stage
        for path in stage.iterdir():
            if (target := folder / path.name).exists() and not target.is_file():
                raise BadValue(f"the output {target} cannot be written: it exists and is not a file")
        for path in sorted(stage.iterdir()):
            os.replace(path, folder / path.name)
        made = []
    except OSError as error:
        raise BadValue(f"the output folder {folder} cannot be written: {error.strerror or error}") from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        for path in made:
            # A folder that another program has filled meanwhile stays.
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
