"""The quiz of lecture 02."""

from __future__ import annotations

from rlhp.exercises.declare import Choice, Question, questions

questions(
    "02.quiz",
    Question(
        "You make the batch sixteen times as large. What becomes of the noise of the gradient, by the 1/sqrt(B) law?",
        Choice("A sixteenth of it is left.", "No: that is what becomes of its *variance*; the noise is its root."),
        Choice(
            "A quarter of it is left.",
            "Right: the square root of sixteen is four. The computation grows sixteenfold for it, so each further "
            "halving of the noise costs four times as much.",
            right=True,
        ),
        Choice(
            "Nothing changes, because the mean is unbiased either way.",
            "No: unbiased says that the errors average out over many batches, not that they are small in one.",
        ),
    ),
    Question(
        "In lecture 01's setting (train_freq 4, one gradient step) you go from batch size 32 to 256. Which of these "
        "stays the same?",
        Choice(
            "How often a collected transition is learnt from, on average.",
            "No: that is the replay ratio, and it grows eightfold, from 8 to 64.",
        ),
        Choice(
            "The number of updates in a run of so many environment steps.",
            "Right: an update every four steps, whatever the batch. Only what each update averages over changes, "
            "and what it costs.",
            right=True,
        ),
        Choice(
            "The time that training takes.",
            "No: eight times the arithmetic in each update. How much of that you notice depends on the machine and "
            "on what else an environment step costs, which is why it must be measured.",
        ),
    ),
    Question(
        "A colleague compares batch sizes at equal environment steps, finds the largest best, and recommends it to "
        "everybody. What is the first thing to ask?",
        Choice(
            "Whether the seeds were the same.",
            "Worth knowing, but paired seeds only sharpen a comparison; they do not change what is compared.",
        ),
        Choice(
            "At which learning rate, and what it looks like at equal time.",
            "Right: both can turn the order around. A batch size alone is not a setting, and environment steps are "
            "not the only thing that costs.",
            right=True,
        ),
        Choice(
            "Whether the largest batch fits into memory.",
            "No: 512 transitions of four numbers fit anywhere. The price here is arithmetic.",
        ),
    ),
    Question(
        "Why does the 1/sqrt(B) law say less about DQN than about supervised learning?",
        Choice(
            "Because transitions drawn from the replay memory at random are not random.",
            "No: they are drawn uniformly, so that as an estimate of the mean over the *memory* the law holds.",
        ),
        Choice(
            "Because Q-learning has no loss.",
            "No: each update descends the gradient of a squared (or Huber) error.",
        ),
        Choice(
            "Because less noise about the memory's mean is less noise about the wrong thing, too: data and targets "
            "both follow from the network that is being trained.",
            "Right: a large batch gives precisely the step towards targets that the network itself made up, on the "
            "data that it chose to collect. What precision is worth is then a question for measurement.",
            right=True,
        ),
    ),
    Question(
        "Ten runs with batch size 16 explored more than ten with 256, and did better. Does that show that the noise "
        "of small batches explores?",
        Choice(
            "Yes: more exploration and a better result, over ten seeds.",
            "No: it shows that both go together. A better policy also meets other states, so that the arrow may "
            "point the other way.",
        ),
        Choice(
            "No: take the other exploration away and see whether small batches lose less by it than large ones.",
            "Right: if noise explores, it should help most where nothing else does. That is a difference of "
            "differences, and its interval is wider than that of each difference; it needs many seeds.",
            right=True,
        ),
        Choice(
            "No, because ten seeds are never enough.",
            "Ten may be too few or plenty, depending on the size of the effect; but no number of seeds turns this "
            "design into an answer.",
        ),
    ),
)
