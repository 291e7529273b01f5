"""The quiz of lecture 00."""

from __future__ import annotations

from rlhp.exercises.declare import Choice, Question, questions

questions(
    "00.quiz",
    Question(
        "Which of these is a hyperparameter?",
        Choice(
            "The weights of the policy's neural network.",
            "No: the algorithm learns them. They are parameters, and there are thousands of them.",
        ),
        Choice(
            "The learning rate.",
            "Right: somebody sets it before training, and the learning algorithm itself does not change it.",
            right=True,
        ),
        Choice(
            "The seed.",
            "No, although you set it: it names one draw of the luck. You report over seeds; you do not tune them.",
        ),
        Choice(
            "The return after training.",
            "No: that is what comes out. A hyperparameter goes in.",
        ),
    ),
    Question(
        "Why is the agent evaluated in an environment of its own, apart from training?",
        Choice(
            "Because training would otherwise be slower.",
            "No: evaluation costs extra time. It is worth it for another reason.",
        ),
        Choice(
            (
                "Because in training the agent acts partly at random to explore, and its return tells about that "
                "mixture."
            ),
            (
                "Right: the evaluation asks how good the policy is that you would use. It also leaves the training "
                "untouched."
            ),
            right=True,
        ),
        Choice(
            "Because the evaluation environment is harder, so that the result is on the safe side.",
            "No: it is the same environment with other seeds. A harder one would answer another question.",
        ),
    ),
    Question(
        "Configuration A reached 500 and B reached 430, each with one seed. What do you know?",
        Choice(
            "A is better, because 500 is the highest possible return.",
            (
                "No: a maximum that was reached once says that A *can* get there, not how often it does, nor how often "
                "B does."
            ),
        ),
        Choice(
            "A is better by 70.",
            "No: with another seed the difference may be 0 or have the other sign. One seed has no interval.",
        ),
        Choice(
            "That both can learn something; for a ranking, run several seeds of each and look at the intervals.",
            "Right: the luck of the seed is often as big as the effect of the hyperparameter.",
            right=True,
        ),
    ),
    Question(
        "Eight seeds gave 500, 500, 500, 500, 490, 480, 470 and 10. What does the interquartile mean do with the 10?",
        Choice(
            "It drops the lowest and the highest two values, so the 10 does not count.",
            "Right: 8 // 4 = 2 on each side. Good against outliers; but keep showing the single runs, since a failure "
            "in one of eight seeds is something that a user would want to know.",
            right=True,
        ),
        Choice(
            "It counts in full, as in every mean.",
            "No: the interquartile mean averages over the middle half only.",
        ),
        Choice(
            "It looks for outliers with a test and removes those.",
            (
                "No: it always drops the same share on both sides, whatever the values are. So nobody can choose what "
                "to leave out."
            ),
        ),
    ),
    Question(
        "You train with `n_envs=8` for `steps=80_000`. How many transitions does the agent see?",
        Choice(
            "80,000",
            "Right: environment steps are counted over all the copies together, 10,000 in each.",
            right=True,
        ),
        Choice(
            "640,000",
            (
                "No: that would be so if `steps` were counted for each copy. Budgets are compared in environment steps "
                "in all."
            ),
        ),
        Choice(
            "10,000",
            "No: each of the 8 copies plays 10,000 steps; together they make 80,000.",
        ),
    ),
)
