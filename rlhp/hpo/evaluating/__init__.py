"""Who says what a configuration is worth: real training, or a pool of measured runs; and how early it can be said."""
