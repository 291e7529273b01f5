"""The quiz of lecture 01."""

from __future__ import annotations

from rlhp.exercises.declare import Choice, Question, questions

questions(
    "01.quiz",
    Question(
        "Why, so the argument goes, should epsilon fall during training?",
        Choice(
            "Because random actions cost more computing time than greedy ones.",
            "No: a random action is, if anything, cheaper. It is their *return* that costs.",
        ),
        Choice(
            "Because Q-learning only converges when epsilon is 0.",
            "No: Q-learning learns off-policy and converges in tables with any epsilon that keeps trying everything. "
            "It is the behaviour, not the convergence, that asks for a falling epsilon.",
        ),
        Choice(
            "Because the value of what a random action can still teach goes down while its price stays.",
            "Right: early on everything is news; later the agent mostly loses return, and it sees too little of what "
            "its good policy leads to.",
            right=True,
        ),
    ),
    Question(
        "Linear from 1 to 0 over half of training: which share of all actions is drawn at random?",
        Choice("50 %", "No: half is how *long* epsilon falls. During that half it is 0.5 on average."),
        Choice(
            "25 %",
            "Right: the area of the triangle, 0.5 * 0.5. And since a random action can be the greedy one by chance, "
            "fewer still differ from it: with two actions, half of them.",
            right=True,
        ),
        Choice("100 %", "No: only the very first action is random for sure."),
    ),
    Question(
        (
            "A tutorial multiplies epsilon by 0.995 after every *episode*. You move that line to every *step*. What "
            "happens?"
        ),
        Choice(
            "Epsilon is at 0.05 after about 600 steps, almost before training begins.",
            "Right: ln 0.05 / ln 0.995 = 598. In CartPole that is a few dozen episodes.",
            right=True,
        ),
        Choice(
            "Nothing: a rate is a rate.",
            "No: a rate has a unit. Per step and per episode differ by the length of an episode.",
        ),
        Choice(
            "Epsilon falls more slowly, because there are more steps than episodes.",
            "No: more multiplications make it fall *faster*.",
        ),
    ),
    Question(
        "You train in chunks: `for _ in range(10): model.learn(5_000)`, and epsilon is to fall over the whole 50,000 "
        "steps. What does stable-baselines3 do?",
        Choice(
            "It knows that the model has been trained before and goes on where epsilon was.",
            "No: progress is counted against the `total_timesteps` of the call.",
        ),
        Choice(
            "Progress runs from 0 to 1 in every chunk, so epsilon falls ten times.",
            "Right: `learn` resets its step counter unless told otherwise, and epsilon saw-tooths. (With "
            "`reset_num_timesteps=False` progress jumps as well, only differently.) Look at the epsilon that was "
            "really used.",
            right=True,
        ),
        Choice(
            "It raises an error.",
            "No, and that is what makes it dangerous: nothing complains.",
        ),
    ),
    Question(
        (
            "In MountainCar, 200 episodes of uniformly random actions never reached the goal. What follows for "
            "epsilon-greedy?"
        ),
        Choice(
            "That it cannot learn MountainCar.",
            "No: it often does. Random actions around a policy that changes all the time reach further than random "
            "actions alone.",
        ),
        Choice(
            "That a higher epsilon is always better there.",
            "No: at epsilon 1 the agent acts in just the way that never reached the goal.",
        ),
        Choice(
            "That single random steps cancel each other out; how long an action is held can matter as much as how "
            "often one is random.",
            "Right: that is the idea behind temporally extended exploration (Dabney et al. 2021).",
            right=True,
        ),
    ),
)
