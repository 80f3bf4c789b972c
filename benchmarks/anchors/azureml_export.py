"""azureml-tensorboard's export of a run and all below it: ``azureml_export.py RUN FOLDER``; the seconds it took.

The workspace is ``./config.json``'s, the service principal the environment's. Imports are not counted, nor is signing
in: what is counted is what a user waits for each time there is something new to see.
"""

import contextlib
import os
import sys
import time

with contextlib.redirect_stdout(sys.stderr):
    from azureml.core import Run, Workspace
    from azureml.core.authentication import ServicePrincipalAuthentication
    from azureml.tensorboard.export import export_to_tensorboard

auth = ServicePrincipalAuthentication(
    os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"]
)
run = Run.get(Workspace.from_config(auth=auth), sys.argv[1])
begin = time.perf_counter()
with contextlib.redirect_stdout(sys.stderr):
    export_to_tensorboard(run, sys.argv[2])
print(time.perf_counter() - begin)
