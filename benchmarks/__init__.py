"""One plain script for each figure in docs/speed.md. See `registry`."""
