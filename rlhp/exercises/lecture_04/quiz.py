"""The quiz of lecture 04."""

from __future__ import annotations

from rlhp.exercises.declare import Choice, Question, questions

questions(
    "04.quiz",
    Question(
        "You draw 100 learning rates evenly between 0.00001 and 0.01. About how many lie below 0.0001?",
        Choice(
            "One",
            "Right: the lowest decade is less than a hundredth of the range. Nine in ten draws land in the top decade, "
            "and you hardly look where the default of DQN lies.",
            right=True,
        ),
        Choice("33, a third", "No: that is what drawing evenly in the *logarithm* gives, a third for each decade."),
        Choice("10", "No: that is about the share below 0.001, the two lower decades together."),
    ),
    Question(
        "81 runs are to tell about four hyperparameters, of which only one matters. How many different values of "
        "that one does a full grid try, and how many does random search?",
        Choice("81 and 81", "No: the grid spends its points on combinations; each value returns 27 times."),
        Choice(
            "3 and 81",
            "Right: the grid has three levels of each, and random search a new value in every run. That is the whole "
            "argument of Bergstra and Bengio (2012), and it needs that few hyperparameters matter.",
            right=True,
        ),
        Choice("3 and 3", "No: every random draw has a value of its own."),
    ),
    Question(
        "A landscape of learning rate and gamma, *held* at the best configuration, looks different from the one "
        "that is *averaged* over the others. What does that say?",
        Choice(
            "One of the two is wrong.",
            "No: they answer different questions, what happens around one configuration, and what happens on average.",
        ),
        Choice(
            "The two interact with others: what a good learning rate is depends on where the rest stands.",
            "Right (or the surrogate is poor there; look at its spread first). Without interactions a slice would be "
            "the average, shifted up or down.",
            right=True,
        ),
        Choice(
            "The surrogate over-fits.",
            "It may, but a perfect surrogate would show the difference as well where hyperparameters interact.",
        ),
    ),
    Question(
        "Of 256 configurations, five seeds each, the best has a mean return of 480. You train it with ten new seeds. "
        "What is to be expected?",
        Choice(
            "About 480: five seeds are an unbiased estimate.",
            "Of a configuration that was chosen *before* looking. This one was chosen because its estimate was high.",
        ),
        Choice(
            "More, because ten seeds are better than five.",
            "More seeds make the estimate more certain, not higher.",
        ),
        Choice(
            "Less than 480: it was chosen for being high, and part of that was luck.",
            "Right: the winner's curse. The more configurations and the fewer seeds, the larger; new seeds, which had "
            "no part in the choice, tell what it is worth.",
            right=True,
        ),
    ),
    Question(
        "The same 256 configurations on two environments: the rank correlation is 0.2, and yet of the 32 best on one "
        "14 are among the 32 best on the other, where chance gives 4. How can that be?",
        Choice(
            "Most configurations hardly learn in either; their order is noise and waters the correlation down, while "
            "those that learn well in one tend to learn well in the other.",
            "Right. So look at the end that you care about before you say that settings do not transfer, and do not "
            "take over the winner unseen: the top is also where the choice was luckiest.",
            right=True,
        ),
        Choice(
            "One of the two numbers must be wrong.",
            "No: one looks at all configurations, the other at one end of the order.",
        ),
        Choice(
            "14 of 32 is less than half, so the two agree with each other: there is no transfer.",
            "Compare with chance, not with one half: 4 would be expected if the two had nothing in common.",
        ),
    ),
)
