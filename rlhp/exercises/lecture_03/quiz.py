"""The quiz of lecture 03."""

from __future__ import annotations

from rlhp.exercises.declare import Choice, Question, questions

questions(
    "03.quiz",
    Question(
        "You train twice as many seeds. What happens to the 95 % interval of the mean, and what to the band that holds "
        "nine of ten single runs?",
        Choice(
            "Both get narrower, by about a factor of the square root of two.",
            "No: only the interval does. How far single runs scatter is a property of the algorithm, not of your "
            "study.",
        ),
        Choice(
            "The interval gets narrower; the band settles where nine of ten runs are.",
            "Right: an interval says what you know of an average, a tolerance band what the next run may do.",
            right=True,
        ),
        Choice(
            "Neither changes: the runs are as noisy as before.",
            "No: the runs are, but the average of more of them is known better.",
        ),
    ),
    Question(
        "An agent is evaluated a hundred times during training and its best evaluation is reported. Another is "
        "evaluated ten times. Both are equally good. Whose number is higher?",
        Choice(
            "The first one's: a maximum over more noisy evaluations is higher by luck alone.",
            "Right: best-anytime scores may be compared only at equal numbers of evaluations, and the evaluation that "
            "was best must be repeated before it is believed.",
            right=True,
        ),
        Choice(
            "Neither's: the evaluations are unbiased.",
            "Each one is; their maximum is not.",
        ),
        Choice(
            "The second one's: its evaluations are further apart.",
            "No: distance does not matter here, the number of tries does.",
        ),
    ),
    Question(
        "Of 200 configurations with three seeds each you take the one with the highest mean, 480, and train it again "
        "with fresh seeds. What do you expect?",
        Choice(
            "About 480, up or down by chance.",
            "No: that would be so for a configuration that you had chosen beforehand. This one was chosen *because* "
            "it came out high.",
        ),
        Choice(
            "Less than 480.",
            "Right, the winner's curse: the highest of many noisy estimates is partly luck, which does not come back. "
            "The more configurations and the fewer seeds, the more of it.",
            right=True,
        ),
        Choice(
            "More than 480, now that the best configuration is known.",
            "No: nothing about the configuration has changed.",
        ),
    ),
    Question(
        "A pilot with five seeds each shows a difference of 60. `how_many_seeds` says that 12 seeds find a difference "
        "of 60 in 80 % of studies. What is wrong with planning for 12?",
        Choice(
            "Nothing: that is what a power analysis is for.",
            "Its arithmetic is right, but the 60 came from the pilot itself, and a pilot that looks good by luck "
            "promises too much.",
        ),
        Choice(
            "The difference was taken from the pilot; plan for the smallest difference that would matter to you.",
            "Right: and look at the interval of the power, which says how little five seeds know of the spread.",
            right=True,
        ),
        Choice(
            "Twelve is always too few in reinforcement learning.",
            "Too few for a small difference between scattered runs, plenty for a large one. That is what the analysis "
            "is about.",
        ),
    ),
    Question(
        "A sweep stops every run after a third of training whose forecast is not among the best half. When does that "
        "do harm?",
        Choice(
            "Never, if the forecasts are calibrated: their intervals say how sure they are.",
            "Calibrated intervals hold the outcome as often as they say; those of runs that wait on a plateau are "
            "wide, and half of them lie on the wrong side.",
        ),
        Choice(
            "Where curves wait long and then jump: what is forecast of such a run is mostly the plateau.",
            "Right: nothing in a flat stretch says whether and when it ends. On the lecture's runs "
            "with different exploration, forecasts were worst just for those that rose.",
            right=True,
        ),
        Choice(
            "Only where the learning curves are noisy.",
            "Noise alone is harmless if there are several evaluations. What is missing is a sign of what comes later.",
        ),
    ),
)
