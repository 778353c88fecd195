"""Whether numba is there: its kernels, or None and one warning.

Here: `kernels`, `kernels_top`, `warm_up`. Not here: the kernels themselves (kernels.py, kernels_top.py).

numba is imported when a kernel is first wanted, not with the package. Compiling takes seconds the first time on a
machine, so whoever serves requests calls `warm_up` before.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from functools import lru_cache
from types import ModuleType

__all__ = ["available", "kernels", "kernels_top", "warm_up"]


def available() -> bool:
    """Whether the kernels can be had: numba is installed and PPP_MATCH_KERNELS does not say "off"."""
    return os.environ.get("PPP_MATCH_KERNELS") != "off" and importlib.util.find_spec("numba") is not None


@lru_cache(maxsize=1)
def kernels() -> ModuleType | None:
    """The module of compiled kernels; without numba None, with a warning the first time."""
    if not available():
        warnings.warn(
            "numba is not installed: the matcher gives the same results, but slower (pip install ppp-match[fast])",
            RuntimeWarning,
            stacklevel=3,
        )
        return None
    from . import kernels as module

    return module


def kernels_top() -> ModuleType | None:
    """The kernels of the exact top of one field; None, with the same warning, where `kernels` gives None."""
    if kernels() is None:
        return None
    from . import kernels_top as module

    return module


@lru_cache(maxsize=1)
def warm_up() -> None:
    """Compile what serving and indexing use, or take it from disk, so that no request waits for the compiler."""
    if not available():
        return
    from .warming import run_everything

    run_everything()
