"""Libraries that only some formats need."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from ltpath.errors import MissingTool


def library(name: str, format_name: str, extra: str = "exports") -> ModuleType:
    """A library that one of the extras brings.

    Raises
    ------
    MissingTool
        It is not installed; the message holds the line that installs it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingTool(
            f"the format '{format_name}' cannot be written ({error}); mend it with: {sys.executable} -m pip install 'ltpath[{extra}]'"
        ) from None
