"""The quiz of lecture 05."""

from __future__ import annotations

from rlhp.exercises.declare import Choice, Question, questions

questions(
    "05.quiz",
    Question(
        "Two groups sweep the same algorithm on the same environment. One finds that the learning rate has 60 % of the "
        "variance, the other 5 %. Both did everything right. How can that be?",
        Choice("One of them had bad luck with its seeds.", "Luck of that size would show in the intervals."),
        Choice(
            "One searched from 1e-5 to 1e-2, the other from 3e-4 to 1e-3.",
            "Right: importance is a property of the space (and of the measure on it) as much as of the algorithm. In a "
            "range where every value works, no value matters.",
            right=True,
        ),
        Choice(
            "Importance is random; only the order counts.",
            "No: a share is a definite number for a given space, measure, objective and environment, and the order "
            "moves with the space as well.",
        ),
    ),
    Question(
        "The surrogate's cross-validated R2 is 0.1, and gamma has by far the largest share. What do you report?",
        Choice("That gamma matters most.", "Of the tenth that the surrogate sees, perhaps. The rest is not known."),
        Choice(
            "No ranking, with the R2 and what it takes: more configurations, more seeds, or a steadier objective.",
            "Right: an order of what is explained is no order of the hyperparameters where most is unexplained.",
            right=True,
        ),
        Choice(
            "That no hyperparameter matters, because nothing predicts the score.",
            "No: a forest that has seen too few or too noisy configurations predicts nothing either way. Look at the "
            "seed noise to tell the two apart.",
        ),
    ),
    Question(
        "Gamma's main effect is 0.05, its total 0.30. What does that say?",
        Choice(
            "What gamma does depends on the others: averaged over them little is left, but it takes part in much.",
            "Right: the difference is its interactions. Ask for order=2 to see with whom.",
            right=True,
        ),
        Choice("That 25 % of the variance is noise.", "No: seed noise is told apart, and the total holds none of it."),
        Choice(
            "That gamma can be left at its default.",
            "At a bad place it ruins what depends on it.",
        ),
    ),
    Question(
        "60 % of the variance between single runs is seed noise. Which conclusion is safe?",
        Choice(
            "That hyperparameters hardly matter here.",
            "No: 40 % of the variance between *runs* is between configurations. The mean over ten seeds has a tenth of "
            "that noise, and differences between means can be large and sure.",
        ),
        Choice(
            "That a comparison of one run against one run is mostly a comparison of seeds.",
            "Right: and a tuner that sees one run a configuration is mostly sorting seeds as well.",
            right=True,
        ),
        Choice("That the importances are wrong by 60 %.", "No: shares are of the variance between configurations."),
    ),
    Question(
        "By fANOVA the learning rate leads; on the ablation path from the default to the best, train_freq gains most. "
        "Who is wrong?",
        Choice("Ablation, because it looks at one path only.", "It answers for that path, and rightly so."),
        Choice("fANOVA, because it averages over bad configurations.", "It answers for the whole space, as asked."),
        Choice(
            "Nobody. One asks what makes configurations differ over the space, the other what lifted this default.",
            "Right: where the default's learning rate is good already, changing it gains nothing, however much it "
            "could ruin. Say which question you asked.",
            right=True,
        ),
    ),
)
