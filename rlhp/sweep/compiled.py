"""Train requests with the compiled engine: batch after batch in this process, each stored as it is finished.

While one is trained, the program of the next is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from rlhp.runs import Runs
from rlhp.sweep.limit import TimeLimit, stopped_by_limit
from rlhp.sweep.store import Store
from rlhp.trainers.request import RunRequest

__all__ = ["train_compiled"]


def train_compiled(
    requests: Sequence[RunRequest],
    store: Store,
    *,
    keep_policies: bool,
    time_limit: float | None = None,
    on_event: Callable[[dict[str, Any]], None],
    on_runs: Callable[[Runs], None],
    should_stop: Callable[[], bool],
) -> None:
    """Train runs and write them to the store.

    Parameters
    ----------
    requests : sequence of RunRequest
        With ``engine="jax"``.
    store : Store
        Where finished batches and policies go.
    keep_policies : bool
        Whether to keep the policies.
    time_limit : float, optional
        Seconds that a batch may take, its compiling included; what is not done then counts as `failed`.
    on_event : callable
        Told what `train_batch` tells.
    on_runs : callable
        Given the runs of each batch that are not `stopped`, once they are in the store.
    should_stop : callable
        Asked often.
    """
    from rlhp.trainers.batches import plan
    from rlhp.trainers.vectorised import prepare, train_batch

    policies = store.policy if keep_policies else None
    batches = plan(requests)
    ahead = ThreadPoolExecutor(1, thread_name_prefix="rlhp-compiling")
    try:
        for number, batch in enumerate(batches):
            if should_stop():
                return
            following = batches[number + 1 : number + 2]
            compiling = [ahead.submit(prepare, one) for one in following if one.recipe != batch.recipe]
            limit = TimeLimit(time_limit)

            def over(limit: TimeLimit = limit) -> bool:
                return should_stop() or limit.passed()

            runs = train_batch(batch, policies=policies, on_event=on_event, should_stop=over)
            if limit.passed() and not should_stop():
                runs = stopped_by_limit(runs, limit.seconds or 0.0)
            ended = runs.select(runs.table["status"] != "stopped")
            if len(ended):
                store.write(ended)
                on_runs(ended)
            # What goes wrong there is met again, and told, where that batch is trained.
            while wait(compiling, timeout=0.2).not_done and not should_stop():
                pass
    finally:
        ahead.shutdown(wait=False, cancel_futures=True)
