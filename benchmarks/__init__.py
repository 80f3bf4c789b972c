"""One plain script for each number that the README publishes. See `registry`."""
