"""
The error tree.
"""

from __future__ import annotations

import pickle

from runbook_lib.errors import EnvironmentFileError, ExecutionError, Failure, KeyProblem


def test_an_environment_error_names_file_key_and_cure() -> None:
    """
    Each problem is one line with file and key in front.
    """
    error = EnvironmentFileError("a.yaml", [KeyProblem("region", "uk", "Did you mean eu?"), KeyProblem("", "", "Empty.")])

    assert "a.yaml: region: Did you mean eu?\na.yaml: Empty." == str(error)


def test_errors_survive_a_process_pool() -> None:
    """
    An error that is pickled and loaded again says the same.
    """
    for error in (EnvironmentFileError("a", [KeyProblem("k", "v", "m")]), ExecutionError(Failure.TIMEOUT, "too slow")):
        copy = pickle.loads(pickle.dumps(error))

        assert (type(error), str(error), vars(error)) == (type(copy), str(copy), vars(copy))
