"""The sweep of Microsoft's article on exporting run history: a root run, and a child for each ``alpha`` of a Ridge model."""

from __future__ import annotations

from azureml.core import Experiment
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

from tests.emulator.scripts.workspace import tell, workspace

EXPERIMENT = "export-to-tensorboard"
ALPHAS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def main() -> None:
    x, y = load_diabetes(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    root = Experiment(workspace(), EXPERIMENT).start_logging(outputs=None, snapshot_directory=None)
    root.log("alphas", len(ALPHAS))
    children = {}
    for alpha in ALPHAS:
        with root.child_run(name=f"alpha_{alpha}") as child:
            predictions = Ridge(alpha=alpha).fit(x_train, y_train).predict(x_test)
            error = float(mean_squared_error(y_test, predictions))
            child.log("alpha", alpha)
            child.log("mse", error)
            children[child.id] = {"alpha": alpha, "mse": error}
    root.complete()
    tell({"root": root.id, "children": children})


if __name__ == "__main__":
    main()
