"""Which runs share a configuration, and what each configuration is."""

from __future__ import annotations

import pandas as pd

from rlhp.frames import HP, content_hashes
from rlhp.runs._names import COLUMN, hyperparameters_of


def config_ids(table: pd.DataFrame) -> pd.Series:
    """Return the configuration of each run; see `Runs.config_id`."""
    hps = [HP + name for name in hyperparameters_of(table)]
    frame = table[["algorithm", "env_id", "engine", "steps", *hps]].astype({"steps": "object"})
    frame.loc[frame["engine"] == "imported", "steps"] = None
    if "population" in table:  # what a member becomes depends on the others
        frame["population"] = table["population"].astype("object").where(table["population"] != "", None)
    hashes = content_hashes({str(name): column.tolist() for name, column in frame.items()}, length=12)
    return pd.Series(hashes, index=table.index, name="config_id", dtype="str")


def configs_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per configuration; see `Runs.configs`."""
    ids = config_ids(table)
    first = table.assign(config_id=ids).drop_duplicates("config_id").set_index("config_id")
    n_seeds = ids.value_counts().reindex(first.index)
    hps = hyperparameters_of(table)
    said = {name: first[name] for name in ("algorithm", "env_id", "engine", "steps")}
    columns = {**said, **{HP + name: first[HP + name] for name in hps}, "n_seeds": n_seeds}
    bare = {name: COLUMN + name for name in (*said, "n_seeds") if name in hps}
    return pd.DataFrame(columns).rename(columns={**bare, **{HP + name: name for name in hps}})
