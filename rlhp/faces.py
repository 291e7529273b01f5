"""The face of a room: its public names, each listed once, imported when somebody first asks for it.

They stand in the stub beside the room's `__init__.py`, one import a name: editors and mypy read it as it is, and
`lazy_loader` reads it when the room is imported. So `import rlhp` costs neither JAX nor Torch nor a plotting library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lazy_loader

from rlhp.errors import unknown_name

Face = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def face(room: str, file: str) -> Face:
    """Return what a room's `__init__.py` takes over as its `__getattr__`, `__dir__` and `__all__`.

    Parameters
    ----------
    room : str
        Its dotted name, `__name__`.
    file : str
        Its `__file__`; the stub is the file of the same name that ends in `.pyi`.

    Returns
    -------
    tuple
        The functions that find a name and list all of them, and the list.

    Raises
    ------
    ValueError
        If there is no stub, or one that imports from outside the room.

    Examples
    --------
    >>> import rlhp.objectives
    >>> find, _, names = face("rlhp.objectives", rlhp.objectives.__file__)
    >>> find("score") is rlhp.objectives.score and "score" in names
    True
    >>> find("scor")
    Traceback (most recent call last):
        ...
    AttributeError: unknown name `scor` for rlhp.objectives; did you mean `score`? Valid: ...
    """
    imported, listed, names = lazy_loader.attach_stub(room, file)

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(unknown_name("name", name, names, where=room))
        return imported(name)

    return find, listed, names
