"""Metadata of the distribution ``tb-aml-plugin``; the tools' settings are in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent


def version() -> str:
    """``__version__``, read without importing the package, whose dependencies may not be there yet."""
    text = (HERE / "tb_aml_plugin" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found, "tb_aml_plugin/__init__.py has no __version__"
    return found.group(1)


AZUREML = ["azureml-core>=1.60", "azureml-mlflow>=1.62"]
POSTGRESQL = ["psycopg[binary]>=3.1.18"]
EXPORT = ["fsspec>=2024.2.0", "pyarrow>=14.0"]
DEMO = ["mlflow>=2.16", "scikit-learn>=1.3"]
TEST = [
    *AZUREML,
    *POSTGRESQL,
    *DEMO,
    *EXPORT,
    "build>=1.2",
    "duckdb>=1.0",
    "gcp-storage-emulator>=2026.7",
    "google-cloud-storage>=2.14",
    "hypothesis>=6.100",
    "ipykernel>=6.29",
    "moto[s3]>=5.0",
    "nbclient>=0.10",
    "playwright>=1.44",
    "psutil>=5.9",
    "pyjwt>=2.8",
    "pytest>=8.2",
    "tensorboardX>=2.6",
    "setuptools>=77",
    "tbparse>=0.0.8",
    "trustme>=1.1",
    "wheel>=0.43",
]
LINT = ["mypy>=1.13", "ruff>=0.9", "types-PyYAML", "types-requests", "types-tqdm"]

setup(
    name="tb-aml-plugin",
    version=version(),
    description="Azure ML and MLflow run history in TensorBoard's own dashboards, live, without event files",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    packages=find_packages(include=["tb_aml_plugin", "tb_aml_plugin.*"]),
    package_data={"tb_aml_plugin": ["py.typed", "static/*", "static/**/*"]},
    # The lower bounds are what `make test-compat` installs.
    install_requires=[
        "filelock>=3.12",
        "google-crc32c>=1.5",
        "mlflow-skinny>=2.16",
        "numpy>=1.24",
        "packaging>=21",
        "platformdirs>=3.0",
        "pyyaml>=6.0",
        "requests>=2.31",
        "sqlalchemy>=2.0.20",
        "tensorboard>=2.14",
        "tqdm>=4.62",
        "werkzeug>=2.3",
    ],
    extras_require={
        "azureml": AZUREML,
        "postgresql": POSTGRESQL,
        "demo": DEMO,
        "export": EXPORT,
        "spark": ["pyspark>=3.5"],
        "test": TEST,
        "lint": LINT,
    },
    entry_points={
        "tensorboard_plugins": ["azureml = tb_aml_plugin.plugin:AzureMLLoader"],
        "console_scripts": ["tb-aml = tb_aml_plugin.cli:main"],
    },
    classifiers=[
        "Framework :: Jupyter",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
