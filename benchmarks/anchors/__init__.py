"""Programs that run in environments of their own (see `benchmarks.environments`): they import nothing of ours."""
