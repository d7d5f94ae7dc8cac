"""Functions compiled by numba, kept as machine code, and loaded again without numba.

Compiling takes seconds and importing numba a third of a second, which short runs would spend
again and again. So object code is kept in the cache under a hash of its source, its compiler and
this processor, and LLVM alone loads it.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from typing import Any

import llvmlite.binding as llvm

from ltpath.cache import digest, drop, keep, kept

_LOADED: list[Any] = []
"""Loaded code stays in memory as long as the process: SUNDIALS keeps addresses of it."""


@cache
def _machine() -> tuple[Any, str]:
    """LLVM for this processor, and the processor's name and abilities."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=name, features=features, opt=3, jit=True), f"{name} {features}"


def functions(source: str, what: str, signatures: Callable[[], Mapping[Callable[..., Any], Any]]) -> dict[str, int]:
    """Addresses of compiled functions, by name.

    Parameters
    ----------
    source : str
        The text that decides what is compiled.
    what : str
        What the functions are, for messages.
    signatures : callable
        Gives the Python functions and their numba signatures; called only where nothing is cached.
    """
    versions = [metadata.version(n) for n in ("numba", "llvmlite")]
    name = f"{digest(source, _machine()[1], *versions, sys.implementation.cache_tag or '')}.code"
    content = kept(name, what)
    if content is not None:
        try:
            return _load(content)
        except (KeyError, ValueError, zipfile.BadZipFile):
            drop(name, what)
    content = _compiled(signatures())
    keep(name, content)
    return _load(content)


def _compiled(signatures: Mapping[Callable[..., Any], Any]) -> bytes:
    """Object code with the names of its functions and of what it looks for elsewhere."""
    from numba import cfunc

    body, index = io.BytesIO(), {}
    with zipfile.ZipFile(body, "w") as archive:
        for function, signature in signatures.items():
            library = (made := cfunc(signature, error_model="numpy")(function))._library
            module = library._final_module
            outside = [f.name for f in (*module.functions, *module.global_variables) if f.is_declaration]
            archive.writestr(f"{function.__name__}.o", library._get_compiled_object())
            index[function.__name__] = {"symbol": made._wrapper_name, "outside": outside}
        archive.writestr("index.json", json.dumps(index))
    return body.getvalue()


def _load(content: bytes) -> dict[str, int]:
    addresses = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, entry in json.loads(archive.read("index.json")).items():
            for symbol in entry["outside"]:
                if llvm.address_of_symbol(symbol) is None and not symbol.startswith("llvm."):
                    # numba's way to raise and to allocate, which these functions never do. If one did, it must not go on.
                    llvm.add_symbol(symbol, ctypes.cast(ctypes.pythonapi.Py_FatalError, ctypes.c_void_p).value)
            engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine()[0])
            engine.add_object_file(llvm.ObjectFileRef.from_data(archive.read(f"{name}.o")))
            engine.finalize_object()
            _LOADED.append(engine)
            addresses[name] = engine.get_function_address(entry["symbol"])
    return addresses
