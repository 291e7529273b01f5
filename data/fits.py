"""Compute the importances that come with the data: `python data/fits.py`.

What the importance explorer opens on, in lecture 05 and by default, and what one move of a control asks for: it is
then there at once and not after a while. Files are named after everything that decides them (the runs, the space, the
method, its options and the version of the methods), so that one that no longer fits is never read: run this again after
a change of a method, having raised `VERSION` in `rlhp/importance/files.py`.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from rlhp import spaces
from rlhp.widgets.importance import FITS, Fits, Setting, by_environment, near, swept

HERE = Path(__file__).resolve().parent
# What is scored, and whether the views one move away are computed too.
OBJECTIVES = {"auc": True, "final_return": False}


def fits(objective: str, folder: Path) -> Fits:
    """Give the fits of an explorer of this project's landscapes, kept in a folder."""
    sets = by_environment(None)
    first = next(iter(sets.values()))
    return Fits(sets, swept(spaces.default("dqn"), first), objective=objective, kept=folder, shipped=None)


def wanted(made: Fits, *, more: bool) -> list[Setting]:
    """List what an explorer asks for when it opens, and with one move from there."""
    environment = next(iter(made.sets))
    here = Setting(environment, "fanova", "declared", made.steps[environment][-1], 0.0)
    return list(dict.fromkeys(made.canonical(one) for one in [here, *(near(made, here) if more else [])]))


def main() -> None:
    """Compute all of them into a new folder, which takes the old one's place when it is complete."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    draft = HERE / ".work" / FITS
    shutil.rmtree(draft, ignore_errors=True)
    for objective, more in OBJECTIVES.items():
        made = fits(objective, draft)
        for setting in wanted(made, more=more):
            began = time.monotonic()
            found = made.fit(setting)
            print(f"{objective}, {setting}: {type(found).__name__}, {time.monotonic() - began:.1f} s", flush=True)
    shutil.rmtree(HERE / FITS, ignore_errors=True)
    shutil.move(draft, HERE / FITS)
    files = list((HERE / FITS).iterdir())
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
