"""Progress of a search: a bar (the only module that imports tqdm), or a function of the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from ..base.arguments import shown
from ..errors import InvalidInputError, MissingDependencyError

__all__ = ["CancelFlag", "Poll", "ProgressCallback", "check_watchers", "progress_reporter",
           "watched"]  # fmt: skip

ProgressCallback = Callable[[int, float], "bool | None"]
"""Called with the number of regions found and the share of the search done; False cancels."""

Poll = Callable[[int, float], bool]
"""What the core calls: go on?"""


class CancelFlag(Protocol):
    """What cancels a search: `threading.Event` and its like."""

    def is_set(self) -> bool:
        """Shall the search stop?"""
        ...


def watched(report: Poll | None, cancel: CancelFlag | None) -> Poll | None:
    """`report`, which also cancels once the flag is set."""
    if cancel is None:
        return report
    flag = cancel
    return lambda regions, share: not flag.is_set() and (report is None or report(regions, share))


@contextmanager
def progress_reporter(progress: bool | ProgressCallback) -> Iterator[Poll | None]:
    """What the core calls: None, a bar on the terminal, or the caller's function."""
    if progress is False:
        yield None
    elif progress is True:
        with _bar() as report:
            yield report
    elif callable(progress):
        yield lambda regions, share: _goes_on(progress(regions, share))
    else:
        raise InvalidInputError(
            f"progress must be True, False or a function, not {shown(progress)}"
        )


def _goes_on(answer: object) -> bool:
    """Whether a function that was told of progress lets the search go on: None says nothing."""
    return answer is None or bool(answer)


def check_watchers(progress: object, cancel: object) -> None:
    """See before a search that it can be watched and cancelled.

    Raises
    ------
    InvalidInputError
        If `progress` is neither a bool nor a function, or `cancel` has no ``is_set()``.
    """
    if not isinstance(progress, bool) and not callable(progress):
        raise InvalidInputError(
            f"progress must be True, False or a function, not {shown(progress)}"
        )
    is_flag = callable(getattr(cancel, "is_set", None)) and not isinstance(cancel, type)
    if cancel is not None and not is_flag:
        raise InvalidInputError(f"cancel must be a threading.Event, not {shown(cancel)}")


@contextmanager
def _bar() -> Iterator[Poll]:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise MissingDependencyError(
            "a progress bar needs the package tqdm: pip install 'facetry[progress]', or pass a "
            "function as progress"
        ) from None
    layout = "{percentage:3.0f}%|{bar}| {elapsed}{postfix}"
    with tqdm(total=1.0, bar_format=layout) as bar:

        def report(regions: int, share: float) -> bool:
            # searches for one value list no regions
            bar.set_postfix_str(f"{regions} regions" if share or regions else "", refresh=False)
            bar.n = share
            bar.refresh()
            return True

        yield report
