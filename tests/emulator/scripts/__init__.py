"""Programs that people run: each in a process of its own, with the real SDKs, against whatever its environment names."""
