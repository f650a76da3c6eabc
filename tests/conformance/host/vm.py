# SPDX-License-Identifier: GPL-2.0-or-later
"""The VM harness, whose kernels and guests are used here."""

import importlib.util
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
RUN = TOP / "tests/vm/run"


def _load():
    """Its package is called host, as this one is."""
    folder = TOP / "tests/vm/host"
    spec = importlib.util.spec_from_file_location(
        "vm_host", folder / "__init__.py", submodule_search_locations=[str(folder)])
    package = importlib.util.module_from_spec(spec)
    sys.modules["vm_host"] = package
    spec.loader.exec_module(package)
    return importlib.import_module("vm_host.kernels"), importlib.import_module("vm_host.missing")


kernels, missing = _load()
Kernel = kernels.Kernel
find = missing.find
