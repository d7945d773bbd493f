"""
From a file, or a notebook's parameters, to an environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import EnvironmentFileError, KeyProblem
from ..knowledge.text import Catalogue, visible
from .crossing import NETWORK_KEYS, misfits
from .model import EMPTY_MEANS_SOMETHING, NOTEBOOK_DEFAULTS, NOTEBOOK_ONLY, Environment, given_of, is_default
from .problems import catalogue_of, problem, problems_of
from .refusal import Refusal, Word
from .yaml_text import LARGEST_FILE, read_yaml, typed


def load_environment(path: str | PathLike[str]) -> Environment:
    """
    Read an environment file.

    Args:
        path: A YAML file, UTF-8.

    Raises:
        EnvironmentFileError: It cannot be read, or something in it is wrong; all of it is named at once.
    """
    source = Path(path)
    name = visible(str(path))
    try:
        tree = read_yaml(bytes_of(source))
    except Refusal as refusal:
        raise EnvironmentFileError(name, [problem("", "", refusal, Catalogue())]) from None
    return build(typed(tree), name, source.parent, _not_for_files(tree))


def environment_from_parameters(parameters: Mapping[str, Any], base: str | PathLike[str] | None = None) -> Environment:
    """
    Make an environment of a notebook's parameters, which have the types papermill gave them.

    Args:
        parameters: By name; those that are as the parameters cell sets them count as not given.
        base: Folder that files are relative to; the current one where not given.

    Raises:
        EnvironmentFileError: Something is wrong in them, all of it named at once.
    """
    given = {key: value for key, value in parameters.items() if key not in NOTEBOOK_DEFAULTS or not is_default(key, value)}
    return build(given, place_of(given), Path(base) if base is not None else Path.cwd(), [])


def place_of(parameters: Mapping[str, Any]) -> str:
    """
    What an error calls a notebook's parameters, in the language they name: where the values come from.
    """
    return catalogue_of(parameters).text("environment_words.place", "parameters")


def value_from_text(key: str, written: str) -> Any:
    """
    A value from a command line: as it would stand behind its key in a file, a list also with commas and no brackets.

    Args:
        key: Its key.
        written: What stands there. Of text nothing is taken for anything else.

    Raises:
        EnvironmentFileError: It begins with a bracket and is no list or map.
    """
    plain = written.strip()
    default = NOTEBOOK_DEFAULTS.get(key, "")
    is_list = isinstance(default, list) or key in EMPTY_MEANS_SOMETHING
    if plain[:1] in ("[", "{") and (is_list or isinstance(default, dict) or key == "console_ranges"):
        try:
            return typed(read_yaml(f"{key}: {plain}".encode("utf-8", "replace")))[key]
        except Refusal as refusal:
            raise EnvironmentFileError("--set", [problem(key, written, refusal, Catalogue())]) from None
    if is_list:
        return [part.strip() for part in plain.split(",") if part.strip()]
    return typed({key: written})[key]


def with_network(environment: Environment, network: Mapping[str, Any]) -> Environment:
    """
    The same environment in another network, for the sandbox.

    Args:
        environment: What is kept, `Environment.as_given` too.
        network: Network keys only; those not named get their defaults.

    Raises:
        EnvironmentFileError: A key is no network key, or its value is wrong.
    """
    strange = [key for key in network if key not in NETWORK_KEYS]
    if strange:
        words = Catalogue(environment.language)
        raise EnvironmentFileError(
            "sandbox", [problem(key, "", Refusal("unknown", name=key, known=", ".join(NETWORK_KEYS)), words) for key in strange]
        )
    rest = {key: value for key, value in environment.as_given().items() if key not in ("sandbox", "exports", *NETWORK_KEYS)}
    made = build({**rest, **network}, "sandbox", Path.cwd(), [])
    return environment.model_copy(update={key: getattr(made, key) for key in NETWORK_KEYS})


def bytes_of(source: Path) -> bytes:
    """
    What is in a file.

    Raises:
        Refusal: It cannot be read, or is too large to be an environment file.
    """
    try:
        with source.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise Refusal("file_not_found") from None
    except IsADirectoryError:
        raise Refusal("file_is_folder") from None
    except (OSError, ValueError) as error:
        raise Refusal("file_not_readable", reason=getattr(error, "strerror", None) or Word("name")) from None
    if len(content) > LARGEST_FILE:
        raise Refusal("file_large", limit=LARGEST_FILE)
    return content


def _not_for_files(tree: Mapping[str, Any]) -> list[KeyProblem]:
    return [problem(key, tree[key], Refusal("interactive_in_file"), catalogue_of(tree)) for key in NOTEBOOK_ONLY if key in tree]


def build(data: Mapping[Any, Any], file: str, base: Path, found: list[KeyProblem]) -> Environment:
    """
    Make an environment of keys and values.

    Args:
        data: As they were given.
        file: Where they come from, for the error.
        base: Folder that files are relative to.
        found: What is known to be wrong with them.

    Raises:
        EnvironmentFileError: Something is wrong in them, in the language they name.
    """
    words = catalogue_of(data)
    clean: dict[str, Any] = {}
    for key, value in data.items():
        if not isinstance(key, str):
            found.append(problem("", key, Refusal("key_not_text", key), words))
        elif not any(key == known.key for known in found):
            clean[key] = value
    environment: Environment | None = None
    try:
        environment = Environment.model_validate(clean, context={"base": base})
    except ValidationError as error:
        found += problems_of(error, words)
        seen = {known.key for known in found}
        found += [problem(key, value, refusal, words) for key, value, refusal in misfits(given_of(clean)) if key not in seen]
    if found or environment is None:
        raise EnvironmentFileError(file, found)
    return environment
