"""What students typically write for 02.replay_ratio, and a piece of what each is told."""


# %% upside down: "upside down"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return train_freq * n_envs / (batch_size * gradient_steps)


# %% one gradient step: "`gradient_steps` is missing"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size / (train_freq * n_envs)


# %% one environment: "`n_envs` is missing"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size * gradient_steps / train_freq


# %% environments on the wrong side: "more environments collect more"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size * gradient_steps / train_freq * n_envs


# %% transitions of a round: "of one round"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size * gradient_steps


# %% updates, not transitions: "counts updates"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return gradient_steps / (train_freq * n_envs)


# %% multiplied by the frequency: "train_freq` is in the numerator"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size * gradient_steps * train_freq / n_envs


# %% gradient steps on the wrong side: "more gradient steps learn from more"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size / (train_freq * gradient_steps * n_envs)


# %% whole numbers: "`//`"
def replay_ratio(batch_size, train_freq, gradient_steps=1, n_envs=1):
    return batch_size * gradient_steps // (train_freq * n_envs)
