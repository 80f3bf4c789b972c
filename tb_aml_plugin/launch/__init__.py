"""`Tensorboard`: the standard command, started and ended from Python."""
