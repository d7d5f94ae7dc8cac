"""The equations of any reaction network, as compiled functions on one block of memory.

Everything that a network needs lies in one block (`ltpath.layout`), whose address SUNDIALS
hands on as its user data, so that nothing passes through Python. This module is imported only
to be compiled; `ltpath.machine_code` keeps the result.

Reactions come in classes: those of one class share the rate constant, all reactants but one,
and what they do to the species that many reactions change (free calcium, calmodulin). So a
ring of thousands of species costs one multiplication and two additions a reaction.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from ltpath import layout as at

_ADDRESS, _POINTER = types.intp, types.voidptr


def _cast(result: Any) -> Any:
    """An intrinsic that takes an address for a pointer to something."""

    @intrinsic
    def cast(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(result))

        return result(_ADDRESS), generate

    return cast


as_numbers, as_table, as_header = (_cast(types.CPointer(t)) for t in (types.float64, types.int32, types.int64))


@intrinsic
def address(typing: Any, pointer: Any) -> Any:
    """A pointer as a number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ptrtoint(arguments[0], context.get_value_type(_ADDRESS))

    return _ADDRESS(pointer), generate


@intrinsic
def content(typing: Any, code: Any, vector: Any) -> Any:
    """Call SUNDIALS' function at the address `code`, which gives the numbers of a vector or a matrix."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        function = builder.inttoptr(arguments[0], ir.FunctionType(byte, [byte]).as_pointer())
        called = builder.call(function, [arguments[1]])
        return builder.bitcast(called, context.get_value_type(types.CPointer(types.float64)))

    return types.CPointer(types.float64)(_ADDRESS, _POINTER), generate


@intrinsic
def formulas(typing: Any, code: Any, p: Any, o: Any, e: Any, do: Any, dp: Any, de: Any) -> Any:
    """Call a network's own formulas (`ltpath.codegen`) at the address `code` with the addresses of six arrays."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.DoubleType().as_pointer()
        function = builder.inttoptr(arguments[0], ir.FunctionType(ir.VoidType(), [number] * 6).as_pointer())
        builder.call(function, [builder.inttoptr(a, number) for a in arguments[1:]])
        return context.get_dummy_value()

    return types.void(*[_ADDRESS] * 7), generate


@njit(error_model="numpy", inline="always")
def size(b: Any, word: Any) -> Any:
    """A word of the header."""
    return as_header(b)[word]


@njit(error_model="numpy", inline="always")
def numbers(b: Any, part: Any) -> Any:
    """Numbers of a part of the block."""
    return as_numbers(b + 8 * as_header(b)[part])


@njit(error_model="numpy", inline="always")
def table(b: Any, part: Any) -> Any:
    """Indices of a part of the block."""
    return as_table(b + 4 * as_header(b)[part])


@njit(error_model="numpy", inline="always")
def vector_numbers(b: Any, vector: Any) -> Any:
    """The numbers of a SUNDIALS vector."""
    return content(as_header(b)[at.CODE_VECTOR], vector)


@njit(error_model="numpy", inline="always")
def shifted(array: Any, by: Any) -> Any:
    """The part of numbers that begins later."""
    return as_numbers(address(array) + 8 * by)


@njit(error_model="numpy")
def evaluate(b: Any, code: Any) -> None:
    h = as_header(b)
    value, direction = b + 8 * h[at.VALUE], b + 8 * h[at.VALUE_DIRECTION]
    skip = 8 * h[at.PARAMETERS]
    formulas(h[code], value, b + 8 * h[at.OBSERVED], value + skip, b + 8 * h[at.OBSERVED_DIRECTION], direction, direction + skip)


@njit(error_model="numpy")
def observe(b: Any, y: Any, o: Any, n: Any, used: Any) -> None:
    """Observables of a state: those that rates read, or all."""
    weight, first, member, read = numbers(b, at.WEIGHT), table(b, at.FIRST_MEMBER), table(b, at.MEMBER), table(b, at.READ)
    for u in range(n):
        i = read[u] if used else u
        total = 0.0
        for j in range(first[i], first[i + 1]):
            total += weight[j] * y[member[j]]
        o[i] = total


@njit(error_model="numpy")
def prepare(b: Any, y: Any) -> None:
    """Keep a state, with the observables and expressions that rates read."""
    n = size(b, at.SPECIES)
    state = numbers(b, at.STATE)
    for i in range(n):
        state[i] = y[i]
    state[n] = 1.0
    if size(b, at.USED) > 0:
        observe(b, state, numbers(b, at.OBSERVED), size(b, at.USED), True)
    if size(b, at.EXPRESSIONS) > 0:
        evaluate(b, at.CODE_EXPRESSIONS)


@njit(error_model="numpy")
def rates(b: Any, y: Any, dy: Any) -> None:
    """dy/dt of a state."""
    prepare(b, y)
    n = size(b, at.SPECIES)
    s, change = numbers(b, at.STATE), numbers(b, at.RATE_OF_CHANGE)
    for i in range(n + 1):
        change[i] = 0.0
    value, factor, shared = numbers(b, at.VALUE), numbers(b, at.FACTOR), numbers(b, at.COMMON_CHANGE)
    rate, first_partner, partner = table(b, at.RATE), table(b, at.FIRST_PARTNER), table(b, at.PARTNER)
    first, first_common, common = table(b, at.FIRST_SOURCE), table(b, at.FIRST_COMMON), table(b, at.COMMON)
    source, count, first_product, product = (
        table(b, at.SOURCE),
        table(b, at.COUNT),
        table(b, at.FIRST_PRODUCT),
        table(b, at.PRODUCT),
    )
    moving = size(b, at.MOVING)
    for c in range(size(b, at.CLASSES)):
        k = value[rate[c]] * factor[c]
        for i in range(first_partner[c], first_partner[c + 1]):
            k *= s[partner[i]]
        total = 0.0
        if c < moving:
            times, q = count[c], first_product[c]
            for r in range(first[c], first[c + 1]):
                flux = k * s[source[r]]
                for i in range(times):
                    change[product[q + i]] += flux
                q += times
                flux *= times
                change[source[r]] -= flux
                total += flux
        else:
            for r in range(first[c], first[c + 1]):
                total += k * s[source[r]]
        for j in range(first_common[c], first_common[c + 1]):
            change[common[j]] += shared[j] * total
    free = numbers(b, at.IS_FREE)
    for i in range(n):
        dy[i] = change[i] * free[i]


@njit(error_model="numpy")
def direct(b: Any, v: Any, dv: Any, parameters: Any) -> None:
    """Derivative of dy/dt along a direction of the species, and of the parameters too where asked; `prepare` comes before."""
    n = size(b, at.SPECIES)
    s, d, change = numbers(b, at.STATE), numbers(b, at.DIRECTION), numbers(b, at.RATE_OF_CHANGE)
    for i in range(n):
        d[i] = v[i]
        change[i] = 0.0
    d[n] = 0.0
    change[n] = 0.0
    if size(b, at.USED) > 0:
        observe(b, d, numbers(b, at.OBSERVED_DIRECTION), size(b, at.USED), True)
    if size(b, at.EXPRESSIONS) > 0:
        if parameters:
            evaluate(b, at.CODE_PARAMETER_TANGENT)
        else:
            evaluate(b, at.CODE_TANGENT)
    value, slope = numbers(b, at.VALUE), numbers(b, at.VALUE_DIRECTION)
    factor, shared = numbers(b, at.FACTOR), numbers(b, at.COMMON_CHANGE)
    rate, first_partner, partner = table(b, at.RATE), table(b, at.FIRST_PARTNER), table(b, at.PARTNER)
    first, first_common, common = table(b, at.FIRST_SOURCE), table(b, at.FIRST_COMMON), table(b, at.COMMON)
    source, count, first_product, product = (
        table(b, at.SOURCE),
        table(b, at.COUNT),
        table(b, at.FIRST_PRODUCT),
        table(b, at.PRODUCT),
    )
    moving = size(b, at.MOVING)
    for c in range(size(b, at.CLASSES)):
        m, md = value[rate[c]] * factor[c], slope[rate[c]] * factor[c]
        for i in range(first_partner[c], first_partner[c + 1]):
            md = md * s[partner[i]] + m * d[partner[i]]
            m *= s[partner[i]]
        total = 0.0
        if c < moving:
            times, q = count[c], first_product[c]
            for r in range(first[c], first[c + 1]):
                flux = m * d[source[r]] + md * s[source[r]]
                for i in range(times):
                    change[product[q + i]] += flux
                q += times
                flux *= times
                change[source[r]] -= flux
                total += flux
        else:
            for r in range(first[c], first[c + 1]):
                total += m * d[source[r]] + md * s[source[r]]
        for j in range(first_common[c], first_common[c + 1]):
            change[common[j]] += shared[j] * total
    free = numbers(b, at.IS_FREE)
    for i in range(n):
        dv[i] = change[i] * free[i]


@njit(error_model="numpy")
def add(j: Any, slot: Any, next_slot: Any, b: Any, c: Any, slope: Any) -> Any:
    """Add what one more of a source's flux does to every species that its reactions change; returns the next slot."""
    times = table(b, at.COUNT)[c]
    if c < size(b, at.MOVING):
        j[slot[next_slot]] -= times * slope
        for i in range(1, times + 1):
            j[slot[next_slot + i]] += slope
        next_slot += times + 1
        slope *= times
    shared, first_common = numbers(b, at.COMMON_CHANGE), table(b, at.FIRST_COMMON)
    for i in range(first_common[c], first_common[c + 1]):
        j[slot[next_slot]] += shared[i] * slope
        next_slot += 1
    return next_slot


@njit(error_model="numpy")
def differentiate(b: Any, y: Any) -> None:
    """The Jacobian's entries that are not 0 (`ltpath.kernels.jacobian_tables` gives their order); one more takes the rest."""
    prepare(b, y)
    n = size(b, at.SPECIES)
    s, j, slot = numbers(b, at.STATE), numbers(b, at.JACOBIAN), table(b, at.SLOT)
    for i in range(table(b, at.FIRST_ENTRY)[n] + 1):
        j[i] = 0.0
    value, factor, weight = numbers(b, at.VALUE), numbers(b, at.FACTOR), numbers(b, at.WEIGHT)
    rate, first_partner, partner = table(b, at.RATE), table(b, at.FIRST_PARTNER), table(b, at.PARTNER)
    first, source = table(b, at.FIRST_SOURCE), table(b, at.SOURCE)
    next_slot = 0
    for c in range(size(b, at.CLASSES)):
        k = value[rate[c]] * factor[c]
        begin, end = first_partner[c], first_partner[c + 1]
        m = k
        for i in range(begin, end):
            m *= s[partner[i]]
        for r in range(first[c], first[c + 1]):
            a = source[r]
            if a < n:
                next_slot = add(j, slot, next_slot, b, c, m)
            for i in range(begin, end):
                slope_i = k * s[a]
                for i_other in range(begin, end):
                    if i_other != i:
                        slope_i *= s[partner[i_other]]
                next_slot = add(j, slot, next_slot, b, c, slope_i)
    observed, slope = numbers(b, at.OBSERVED_DIRECTION), numbers(b, at.VALUE_DIRECTION)
    read, first_member = table(b, at.READ), table(b, at.FIRST_MEMBER)
    first_dynamic, dynamic = table(b, at.FIRST_DYNAMIC), table(b, at.DYNAMIC)
    for u in range(size(b, at.USED)):
        observed[read[u]] = 0.0
    for u in range(size(b, at.USED)):
        if first_dynamic[u] == first_dynamic[u + 1]:
            continue
        observed[read[u]] = 1.0
        evaluate(b, at.CODE_TANGENT)
        observed[read[u]] = 0.0
        for q in range(first_dynamic[u], first_dynamic[u + 1]):
            c = dynamic[q]
            m = slope[rate[c]] * factor[c]
            for i in range(first_partner[c], first_partner[c + 1]):
                m *= s[partner[i]]
            for r in range(first[c], first[c + 1]):
                for i in range(first_member[read[u]], first_member[read[u] + 1]):
                    next_slot = add(j, slot, next_slot, b, c, m * s[source[r]] * weight[i])


@njit(error_model="numpy")
def factorise(b: Any, gamma: Any) -> Any:
    """Row by row L and U of 1 - gamma x Jacobian, without pivoting, on a pattern known before; the pivots are kept inverted.

    Mass action makes this matrix diagonally dominant by columns, or nearly so; where a pivot
    vanishes all the same, the step is refused and CVODE takes a smaller one. With an incomplete
    pattern what falls outside is dropped.
    """
    n = size(b, at.SPECIES)
    j, f, row, free = numbers(b, at.JACOBIAN), numbers(b, at.FACTORS), numbers(b, at.ROW), numbers(b, at.IS_FREE)
    first_entry, column = table(b, at.FIRST_ENTRY), table(b, at.COLUMN)
    first, place, pivot, mark = table(b, at.FIRST_FACTOR), table(b, at.FACTOR_COLUMN), table(b, at.PIVOT), table(b, at.MARK)
    complete = size(b, at.COMPLETE) == 1
    for i in range(n):
        mark[i] = -1
    for i in range(n):
        for q in range(first[i], first[i + 1]):
            row[place[q]] = 0.0
            mark[place[q]] = i
        g = gamma * free[i]
        for q in range(first_entry[i], first_entry[i + 1]):
            row[column[q]] = -g * j[q]
        row[i] += 1.0
        for q in range(first[i], pivot[i]):
            k = place[q]
            x = row[k] * f[pivot[k]]
            f[q] = x
            if x != 0.0:
                if complete:
                    for m in range(pivot[k] + 1, first[k + 1]):
                        row[place[m]] -= x * f[m]
                else:
                    for m in range(pivot[k] + 1, first[k + 1]):
                        if mark[place[m]] == i:
                            row[place[m]] -= x * f[m]
        if not abs(row[i]) > 1e-14:
            return 1
        f[pivot[i]] = 1.0 / row[i]
        for q in range(pivot[i] + 1, first[i + 1]):
            f[q] = row[place[q]]
    return 0


@njit(error_model="numpy")
def substitute(b: Any, x: Any) -> None:
    """Solve with the factors, in place."""
    f = numbers(b, at.FACTORS)
    first, place, pivot = table(b, at.FIRST_FACTOR), table(b, at.FACTOR_COLUMN), table(b, at.PIVOT)
    n = size(b, at.SPECIES)
    for i in range(n):
        total = x[i]
        for q in range(first[i], pivot[i]):
            total -= f[q] * x[place[q]]
        x[i] = total
    for i in range(n - 1, -1, -1):
        total = x[i]
        for q in range(pivot[i] + 1, first[i + 1]):
            total -= f[q] * x[place[q]]
        x[i] = total * f[pivot[i]]


@njit(error_model="numpy")
def newton(b: Any, y: Any, jok: Any, jcur: Any, gamma: Any) -> Any:
    """Factorise the Newton matrix, of the Jacobian at hand where SUNDIALS finds that recent enough; tell whether it is new."""
    if jok == 0:
        differentiate(b, vector_numbers(b, y))
    as_table(address(jcur))[0] = 1 - jok
    return factorise(b, gamma)


@njit(error_model="numpy")
def solve_blocks(b: Any, given: Any, solution: Any) -> None:
    """Solve with the factors, each sensitivity by itself."""
    n, blocks = size(b, at.SPECIES), size(b, at.BLOCKS)
    for i in range(n * blocks):
        solution[i] = given[i]
    for block in range(blocks):
        substitute(b, shifted(solution, block * n))


# -- what Python calls, with addresses ------------------------------------------------


def rates_of(y: Any, dy: Any, b: Any) -> None:
    """dy/dt."""
    rates(b, as_numbers(y), as_numbers(dy))


def direct_of(y: Any, v: Any, dv: Any, b: Any) -> None:
    """Jacobian times a direction."""
    prepare(b, as_numbers(y))
    direct(b, as_numbers(v), as_numbers(dv), False)


def jacobian_of(y: Any, b: Any) -> None:
    """Fill the Jacobian's entries."""
    differentiate(b, as_numbers(y))


def observables_of(ys: Any, times: Any, o: Any, e: Any, b: Any) -> None:
    """All observables and expressions of many states."""
    n, n_o, n_e = size(b, at.SPECIES), size(b, at.OBSERVABLES), size(b, at.EXPRESSIONS)
    states, out_o, out_e = as_numbers(ys), as_numbers(o), as_numbers(e)
    observed, value = numbers(b, at.OBSERVED), shifted(numbers(b, at.VALUE), size(b, at.PARAMETERS))
    for i in range(times):
        observe(b, shifted(states, i * n), observed, n_o, False)
        if n_e > 0:
            evaluate(b, at.CODE_EXPRESSIONS)
            evaluate(b, at.CODE_READOUTS)
        for j in range(n_o):
            out_o[i * n_o + j] = observed[j]
        for j in range(n_e):
            out_e[i * n_e + j] = value[j]


def observable_directions_of(ys: Any, vs: Any, times: Any, o: Any, e: Any, b: Any) -> None:
    """Directions of all observables and expressions along directions of many states and of the parameters."""
    n, n_o, n_e = size(b, at.SPECIES), size(b, at.OBSERVABLES), size(b, at.EXPRESSIONS)
    states, directions, out_o, out_e = as_numbers(ys), as_numbers(vs), as_numbers(o), as_numbers(e)
    observed, slope = numbers(b, at.OBSERVED_DIRECTION), shifted(numbers(b, at.VALUE_DIRECTION), size(b, at.PARAMETERS))
    for i in range(times):
        observe(b, shifted(states, i * n), numbers(b, at.OBSERVED), n_o, False)
        observe(b, shifted(directions, i * n), observed, n_o, False)
        if n_e > 0:
            evaluate(b, at.CODE_EXPRESSIONS)
            evaluate(b, at.CODE_READOUTS)
            evaluate(b, at.CODE_PARAMETER_TANGENT)
            evaluate(b, at.CODE_READOUT_TANGENT)
        for j in range(n_o):
            out_o[i * n_o + j] = observed[j]
        for j in range(n_e):
            out_e[i * n_e + j] = slope[j]


# -- what CVODE calls --------------------------------------------------------------


def cvode_rates(time: Any, y: Any, dy: Any, data: Any) -> Any:
    """dy/dt, and the rate of change of each sensitivity."""
    b = address(data)
    n, n_p, blocks = size(b, at.SPECIES), size(b, at.PARAMETERS), size(b, at.BLOCKS)
    state, change = vector_numbers(b, y), vector_numbers(b, dy)
    rates(b, state, change)
    slope, along = numbers(b, at.VALUE_DIRECTION), numbers(b, at.PARAMETER_DIRECTION)
    for block in range(1, blocks):
        for i in range(n_p):
            slope[i] = along[(block - 1) * n_p + i]
        direct(b, shifted(state, block * n), shifted(change, block * n), True)
    if blocks > 1:
        for i in range(n_p):
            slope[i] = 0.0
    return 0


def cvode_direct_setup(time: Any, y: Any, dy: Any, data: Any) -> Any:
    """Keep the state whose Jacobian the next products are with."""
    b = address(data)
    prepare(b, vector_numbers(b, y))
    return 0


def cvode_direct(v: Any, jv: Any, time: Any, y: Any, dy: Any, data: Any, spare: Any) -> Any:
    """Jacobian times a vector; each sensitivity with the same Jacobian."""
    b = address(data)
    n, vector, product = size(b, at.SPECIES), vector_numbers(b, v), vector_numbers(b, jv)
    for block in range(size(b, at.BLOCKS)):
        direct(b, shifted(vector, block * n), shifted(product, block * n), False)
    return 0


def cvode_factors(time: Any, y: Any, dy: Any, jok: Any, jcur: Any, gamma: Any, data: Any) -> Any:
    """Factors of the Newton matrix, of the Jacobian at hand where that is recent enough."""
    return newton(address(data), y, jok, jcur, gamma)


def cvode_matrix(
    time: Any, y: Any, dy: Any, matrix: Any, jok: Any, jcur: Any, gamma: Any, data: Any, one: Any, two: Any, three: Any
) -> Any:
    """Factors of the Newton matrix; they stay in the block, and SUNDIALS' matrix is empty."""
    return newton(address(data), y, jok, jcur, gamma)


def cvode_dense(time: Any, y: Any, dy: Any, matrix: Any, data: Any, one: Any, two: Any, three: Any) -> Any:
    """The Jacobian as a dense matrix, column by column."""
    b = address(data)
    n = size(b, at.SPECIES)
    differentiate(b, vector_numbers(b, y))
    whole = content(size(b, at.CODE_DENSE), matrix)
    j, free, first, column = numbers(b, at.JACOBIAN), numbers(b, at.IS_FREE), table(b, at.FIRST_ENTRY), table(b, at.COLUMN)
    for i in range(n):
        for q in range(first[i], first[i + 1]):
            whole[column[q] * n + i] = j[q] * free[i]
    return 0


def cvode_nothing(solver: Any, matrix: Any) -> Any:
    """The linear solver's own set-up: `cvode_matrix` has done it."""
    return 0


def cvode_solve(solver: Any, matrix: Any, x: Any, side: Any, tolerance: Any) -> Any:
    """Solve with the factors, each sensitivity by itself; the first word of a SUNDIALS solver is its content: the block."""
    b = as_header(address(solver))[0]
    solve_blocks(b, vector_numbers(b, side), vector_numbers(b, x))
    return 0


def cvode_precondition(time: Any, y: Any, dy: Any, r: Any, z: Any, gamma: Any, delta: Any, side: Any, data: Any) -> Any:
    """Solve with the incomplete factors."""
    b = address(data)
    solve_blocks(b, vector_numbers(b, r), vector_numbers(b, z))
    return 0


_v, _a, _d, _i = types.voidptr, _ADDRESS, types.float64, types.int32
SIGNATURES = {
    rates_of: types.void(_a, _a, _a),
    direct_of: types.void(_a, _a, _a, _a),
    jacobian_of: types.void(_a, _a),
    observables_of: types.void(_a, _a, _a, _a, _a),
    observable_directions_of: types.void(_a, _a, _a, _a, _a, _a),
    cvode_rates: _i(_d, _v, _v, _v),
    cvode_direct_setup: _i(_d, _v, _v, _v),
    cvode_direct: _i(_v, _v, _d, _v, _v, _v, _v),
    cvode_factors: _i(_d, _v, _v, _i, _v, _d, _v),
    cvode_matrix: _i(_d, _v, _v, _v, _i, _v, _d, _v, _v, _v, _v),
    cvode_dense: _i(_d, _v, _v, _v, _v, _v, _v, _v),
    cvode_nothing: _i(_v, _v),
    cvode_solve: _i(_v, _v, _v, _v, _d),
    cvode_precondition: _i(_d, _v, _v, _v, _v, _d, _d, _i, _v),
}
