"""Which kappa does best: what the acquisition explorer asks first, and what came of the prediction."""

from __future__ import annotations

from collections.abc import Sequence

from rlhp.widgets.acquisition._ground import made_curve
from rlhp.widgets.acquisition._repeats import On, Repeats
from rlhp.widgets.acquisition._searches import Choosing, Repeated, paired
from rlhp.widgets.acquisition._words import score_words
from rlhp.widgets.frame._prediction import Prediction

__all__ = ["KAPPAS", "QUESTION", "answer", "answering", "asked_on", "verdict"]

KAPPAS = {
    "kappa 0 (sample where the mean is highest)": 0.0,
    "kappa 2": 2.0,
    "kappa 10 (sample what is least known)": 10.0,
}
QUESTION = Prediction(
    "A search samples where mean + kappa sd is highest. On average over many searches, which kappa recommends the best "
    "place of this curve?",
    tuple(KAPPAS),
    "Now step the loop yourself with each kappa, and see where the samples go.",
)


def answering(surrogate: str) -> dict[str, Choosing]:
    """Return the searches that answer the question, by the choice that each is of."""
    return {said: Choosing(surrogate, "lcb", kappa) for said, kappa in KAPPAS.items()}


def asked_on() -> On:
    """Return what they run on: the made-up curve with the noise that it begins with, told."""
    return ("made", made_curve().noise, True)


def answer(predicted: str, kept: Repeats, surrogate: str, *, busy: bool) -> str:
    """Return what came of the prediction, or why that is not known yet."""
    asked = answering(surrogate)
    found = [kept.found.get((asked_on(), how.canonical)) for how in asked.values()]
    done = [one for one in found if one is not None and len(one.worth) == kept.repetitions]
    if len(done) == len(found) and kept.repetitions > 2:
        return f"{verdict(predicted, asked, done)} {QUESTION.why}"
    if busy:
        return f"You predicted: {predicted}. The searches that answer it are running."
    return (
        f"You predicted: {predicted}. Too few of the searches that answer it were made; choose mean + kappa sd with "
        f"kappa 0, 2 and 10 on the made-up curve, and repeat each."
    )


def verdict(predicted: str, asked: dict[str, Choosing], found: Sequence[Repeated]) -> str:
    """Return which of several searches does best; honest where the intervals of their differences do not say."""
    names = {how.canonical: name for name, how in asked.items()}
    leader = max(found, key=lambda one: float(one.worth[:, -1].mean()))
    name, n = names[leader.choosing], len(leader.worth)
    level = [names[one.choosing] for one in found if one is not leader and not paired(leader, one)[1] > 0]
    means = "; ".join(f"{names[one.choosing]}: {score_words(float(one.worth[:, -1].mean()))}" for one in found)
    if level:
        right = "You are among those that may lead." if predicted in (name, *level) else "Yours is clearly behind."
        return (
            f"You predicted: {predicted}. After {leader.worth.shape[1]} evaluations, mean of {n} searches each: "
            f"{means}. {name} is ahead, but its interval does not part it from: {', '.join(level)}. {right}"
        )
    right = "So it is" if predicted == name else "So it is not"
    return f"You predicted: {predicted}. {right}: {means} (mean of {n} searches each; {name} is clearly ahead)."
