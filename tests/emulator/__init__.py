"""An Azure ML workspace on loopback, that the real azureml-core and azureml-mlflow write to and read from.

``emulator()`` starts it; ``Emulator.environ`` says what a process needs in its environment to find it.
"""

from __future__ import annotations

from tests.emulator.emulator import Emulator, emulator

__all__ = ["Emulator", "emulator"]
