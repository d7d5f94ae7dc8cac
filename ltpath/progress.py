"""Signs of life on the terminal: nothing in the first two seconds, nothing when stderr is not a terminal."""

from __future__ import annotations

import bisect
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

DELAY = 2.0


def wanted() -> bool:
    """Whether anybody would see a progress bar."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def bar(title: str, total: int, unit: str = "step") -> Iterator[Callable[..., None]]:
    """A progress bar on stderr.

    Parameters
    ----------
    title : str
    total : int
        Steps of the whole.
    unit : str
        What one step is called.

    Yields
    ------
    callable
        Takes the number of steps done so far, and optionally a new title.
    """
    if not wanted():
        yield lambda done, title=None: None
        return
    from tqdm import tqdm

    # mininterval keeps the bar cheap beside steps of a millisecond.
    shown: Any = tqdm(total=total, desc=title, unit=unit, delay=DELAY, mininterval=0.2, leave=False, file=sys.stderr)

    def report(done: int, title: str | None = None) -> None:
        if title is not None:
            shown.set_description(title, refresh=False)
        shown.update(done - shown.n)

    try:
        yield report
    finally:
        shown.close()


@contextmanager
def along(title: str, moments: Sequence[float]) -> Iterator[Callable[[float], None] | None]:
    """A bar for a simulation that passes `moments` one after the other.

    Events and not simulated seconds are the steps: a tetanus of 1 s costs more than the
    three quiet hours after it.
    """
    if not wanted():
        yield None
        return
    with bar(title, len(moments), "event") as report:
        yield lambda moment: report(bisect.bisect_right(moments, moment))


@contextmanager
def waiting(title: str) -> Iterator[Callable[[str], None]]:
    """A line with the seconds passed, for work that cannot say how far it is; what is yielded takes news to show with it."""
    news = [""]
    if not wanted():
        yield lambda text: None
        return
    done = threading.Event()
    began = time.monotonic()

    def tell() -> None:
        pause = DELAY
        while not done.wait(pause):
            sys.stderr.write(f"\r\x1b[K{title} ... {news[0]}{time.monotonic() - began:.0f} s")
            sys.stderr.flush()
            pause = 0.5

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield lambda text: news.__setitem__(0, f"{text}, ")
    finally:
        done.set()
        thread.join()
        if time.monotonic() - began > DELAY:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
