"""``make demo-azure``: the article's sweep, written into the emulator by azureml-core and shown by ``tensorboard``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.emulator.clients import environ, run_script
from tests.emulator.emulator import emulator
from tests.emulator.scripts.ridge_sweep import ALPHAS, EXPERIMENT


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, help="TensorBoard's port (default: 6006, or the next that is free)")
    arguments, flags = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends too
    print("Starting an Azure ML workspace on this machine", flush=True)
    with emulator() as azure, tempfile.TemporaryDirectory(prefix="demo-azure-") as folder:
        home = Path(folder)
        azure.write_config(home)
        print(f"Logging {1 + len(ALPHAS)} runs with azureml-core", flush=True)
        run_script(azure, "ridge_sweep")
        flags = ["--aml_experiment", EXPERIMENT, *flags]
        if arguments.port is not None:
            flags += ["--port", str(arguments.port)]
        print("tensorboard " + " ".join(flags), flush=True)
        command = [sys.executable, "-m", "tensorboard.main", *flags]
        with subprocess.Popen(command, cwd=home, env={**environ(azure, home), **azure.service_principal()}) as process:
            try:
                while True:
                    with contextlib.suppress(KeyboardInterrupt):  # the terminal sent it to TensorBoard too
                        return process.wait()
            finally:
                process.terminate()


if __name__ == "__main__":
    sys.exit(main())
