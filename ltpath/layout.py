"""Where everything lies in the block of memory that the compiled equations work on.

The block begins with a header of 64-bit integers: sizes, then where each array begins.
Numbers are counted in 8-byte words from the block's start, tables of indices in 4-byte words.
"""

from __future__ import annotations

import numpy as np

# The header. Sizes and addresses of code:
(
    SPECIES, PARAMETERS, EXPRESSIONS, OBSERVABLES, CLASSES, MOVING, USED, BLOCKS, COMPLETE,
    CODE_EXPRESSIONS, CODE_READOUTS, CODE_TANGENT, CODE_PARAMETER_TANGENT, CODE_READOUT_TANGENT, CODE_VECTOR, CODE_DENSE,
) = range(16)  # fmt: skip
# Where numbers begin: values of rates (parameters and constants, then expressions), observables,
# directions of both, 1 for each free species, and states with one more place: a species that is
# always 1, for reactants that are not there.
(
    VALUE, OBSERVED, VALUE_DIRECTION, OBSERVED_DIRECTION, IS_FREE, STATE, DIRECTION, RATE_OF_CHANGE,
    FACTOR, COMMON_CHANGE, WEIGHT, JACOBIAN, FACTORS, ROW, PARAMETER_DIRECTION,
) = range(16, 31)  # fmt: skip
# Where tables begin. Of a class: its rate, the reactants that its reactions share, its sources, how many
# reactions each source has and where their products begin, and the changes that its reactions share.
# A source is the reactant that reactions of a class do not share; each turns it into another product.
(
    RATE, FIRST_PARTNER, PARTNER, FIRST_SOURCE, SOURCE, COUNT, FIRST_PRODUCT, PRODUCT, FIRST_COMMON, COMMON,
    READ, FIRST_MEMBER, MEMBER, FIRST_DYNAMIC, DYNAMIC,
    FIRST_ENTRY, COLUMN, SLOT, FIRST_FACTOR, FACTOR_COLUMN, PIVOT, MARK,
) = range(31, 53)  # fmt: skip
HEADER = 53


class Block:
    """One block of memory with named parts.

    Parameters
    ----------
    sizes : dict of int to int
        Values of the header's sizes and addresses.
    arrays : dict of int to numpy.ndarray
        The content of each part; floats become numbers, integers become 32-bit tables.

    Attributes
    ----------
    address : int
        What compiled code is given.
    """

    def __init__(self, sizes: dict[int, int], arrays: dict[int, np.ndarray]) -> None:
        words, begins = HEADER, {}
        for part, array in arrays.items():
            number = array.dtype.kind == "f"
            begins[part] = words if number else 2 * words
            words += array.size if number else (array.size + 1) // 2
        self._words = np.zeros(words)
        self.header = self._words[:HEADER].view(np.int64)
        self._parts: dict[int, np.ndarray] = {}
        for size, value in sizes.items():
            self.header[size] = value
        for part, array in arrays.items():
            self.header[part] = begin = begins[part]
            whole = self._words if array.dtype.kind == "f" else self._words.view(np.int32)
            self._parts[part] = whole[begin : begin + array.size]
            self._parts[part][:] = array.ravel()
        self.address = self._words.ctypes.data

    def __getitem__(self, part: int) -> np.ndarray:
        """A part, flat; changes of it are seen by the compiled code."""
        return self._parts[part]
