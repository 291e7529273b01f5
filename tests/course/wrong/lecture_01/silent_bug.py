"""What students typically write for 01.silent_bug, and a piece of what each is told."""

from typing import Any


def _logs(lengths: Any, progress: Any, *, start: float, end: float, fraction: float) -> list[float]:
    """Epsilon at every step when progress is counted in the way given (step, episode, step in the episode)."""
    out, step = [], 0
    for episode, length in enumerate(lengths):
        for within in range(length):
            share = min(progress(step, episode, within) / fraction, 1.0)
            out.append(start + (end - start) * share)
            step += 1
    return out


def _logged(progress: Any) -> Any:
    def answer(
        episode_lengths: Any, total_steps: int, start: float = 1.0, end: float = 0.05, fraction: float = 0.5
    ) -> Any:
        return _logs(
            episode_lengths,
            lambda *where: progress(where, len(episode_lengths), total_steps, episode_lengths),
            start=start,
            end=end,
            fraction=fraction,
        )

    return answer


# %% the bug itself: "never comes down"
fixed_epsilon_log = _logged(lambda where, n, total, lengths: where[1] / total)

# %% per episode: "same for a whole episode"
fixed_epsilon_log = _logged(lambda where, n, total, lengths: where[1] / n)

# %% starts anew every episode: "jumps back"
fixed_epsilon_log = _logged(lambda where, n, total, lengths: where[2] / max(lengths))

# %% one step late: "first step"
fixed_epsilon_log = _logged(lambda where, n, total, lengths: (where[0] + 1) / total)

# %% whole-number progress: "`//`"
fixed_epsilon_log = _logged(lambda where, n, total, lengths: where[0] // total)

# %% in percent: "percent"
fixed_epsilon_log = _logged(lambda where, n, total, lengths: 100 * where[0] / total)


# %% one value per episode: "every environment step"
def fixed_epsilon_log(episode_lengths, total_steps, start=1.0, end=0.05, fraction=0.5):
    return [1.0 - 0.95 * min(i / len(episode_lengths) / fraction, 1.0) for i in range(len(episode_lengths))]
