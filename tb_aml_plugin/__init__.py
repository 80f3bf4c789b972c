"""Azure ML for TensorBoard: the runs of an MLflow or Azure ML experiment in TensorBoard's own dashboards."""

__version__ = "0.1.0"
