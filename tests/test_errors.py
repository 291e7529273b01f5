from __future__ import annotations

from rlhp.errors import unknown_name


def test_names_the_nearest_valid_one():
    message = unknown_name("hyperparameter", "learning_rat", ["gamma", "learning_rate"], where="dqn")
    assert message == (
        "unknown hyperparameter `learning_rat` for dqn; did you mean `learning_rate`? Valid: gamma, learning_rate."
    )


def test_ignores_case_when_it_guesses():
    assert "did you mean `CartPole-v1`" in unknown_name("environment", "cartpole-V1", ["Acrobot-v1", "CartPole-v1"])


def test_guesses_nothing_where_nothing_is_near():
    assert unknown_name("engine", "xyzzy", ["sb3"]) == "unknown engine `xyzzy`. Valid: sb3."


def test_ends_with_the_hint():
    assert unknown_name("engine", "a", [], hint="Install one.").endswith("Valid: none. Install one.")
