"""Native TensorBoard logs among the artifacts of runs: copied as they grow, read by TensorBoard itself."""
