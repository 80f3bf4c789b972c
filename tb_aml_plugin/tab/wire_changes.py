"""What the tab is sent of what a person can change: what is on the Board, what is shown, and the runs themselves."""

from __future__ import annotations

from typing import Literal, TypedDict

SignInState = Literal["needed", "waiting"]
WriteAction = Literal["tag", "rename", "note", "stop", "archive", "restore"]


class Shown(TypedDict):
    """What TensorBoard's dashboards see after a change. POST /api/shown takes one of

    {"show": [run id…]}, {"hide": [run id…]}, {"only": [run id…]}, {"all": true},
    {"top": {"count": 10, "metric": "val/loss", "better": "lower"}}: those best in it now, and no others.
    """

    version: str
    shown: int
    runs: int


class ExperimentRow(TypedDict):
    """An experiment of the place."""

    id: str
    name: str
    chosen: bool  # whether its runs are on the Board
    runs: int  # how many of them are


class Chosen(TypedDict):
    """Which runs of the place are on the Board. POST /api/chosen takes one of

    {"add_experiments": [id…]}, {"remove_experiments": [id…]}, {"only_experiments": [id…]},
    {"add_runs": [run id…]}, {"remove_runs": [run id…]}, {"limit": 1000}, {"reset": true}: as at the start,
    and answers once a poll has followed it, or after ten seconds.
    """

    version: str  # of the run table
    experiments: list[ExperimentRow]  # all of the place, by name
    added_runs: list[str]  # ids; on the Board besides those of the experiments
    removed_runs: list[str]  # ids; kept off the Board
    filter: str  # MLflow filter that all of them pass
    order_by: list[str]  # which come first where there are more than `limit`
    limit: int
    changed: bool  # whether this is other than at the start
    pending: bool  # whether the Board does not show it yet


class Task(TypedDict):
    """Something that takes its time. POST /api/tasks/cancel takes {"id": …}."""

    id: str
    what: str  # "Reading curves of train/loss"
    done: int
    total: int | None  # None while nobody knows
    since_s: float


class Tasks(TypedDict):
    """What takes its time now, the oldest first."""

    tasks: list[Task]


class SignIn(TypedDict):
    """How to sign in to the place."""

    state: SignInState
    message: str  # what happened and what to do
    code: str  # to be typed at `address`; "" where there is none
    address: str  # https; "" where there is none
    expires_s: float | None  # when the code does


class WriteAccess(TypedDict):
    """Whether runs can be changed from the tab. `token` goes into the header X-Aml-Token of POST /api/write."""

    allowed: bool
    reason: str  # why not, with the cure; "" when allowed
    token: str  # of this process; "" unless allowed
    actions: list[WriteAction]  # what the place can do


class Written(TypedDict):
    """A run was changed, and the Board shows it. POST /api/write takes one of

    {"tag": {"run": id, "key": …, "value": … or null to delete}}, {"rename": {"run": id, "name": …}},
    {"note": {"run": id, "text": …}}, {"stop": {"run": id}}, {"archive": {"run": id}}, {"restore": {"run": id}}.
    """

    action: WriteAction
    run: str
    version: str  # of the run table
