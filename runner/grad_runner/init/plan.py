"""The components that an init runs, as grad wrote them to `plan.json`: read once, at the start."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

VERSION = 2


class PlanError(Exception):
    """The file is not a valid plan; the message names the field."""


@dataclass(frozen=True, slots=True)
class Component:
    """A process that the init starts, and restarts whenever it ends."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: str
    socket: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`runtime` is the folder of the runner's sockets, `data_mount_root` the folder below which data mounts datasets. `folders`
    are made before components start; each of `binds` is a folder and the place where the init shows it. `data_place` is where
    code finds the datasets: a folder to mount on, or a link to `data_mount_root`. All are absolute paths."""

    runner: str
    runtime: str
    data_mount_root: str
    folders: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]
    data_place: str
    data_place_is_link: bool
    components: tuple[Component, ...]

    @property
    def init_socket(self) -> str:
        return f"{self.runtime}/init.sock"


def parse_plan(text: str) -> Plan:
    """The plan in `text`. Raises PlanError at the first field that is wrong; grad writes the file, so that is a bug."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise PlanError(f"Cannot read the plan: it is not JSON: {error}") from error
    fields = _object(value, "plan")
    if fields.get("version") != VERSION:
        raise PlanError(
            f"Cannot read the plan: version is {fields.get('version')!r}, this init knows {VERSION}"
        )
    listed = fields.get("components")
    if not isinstance(listed, list) or not listed:
        raise PlanError("Cannot read the plan: components is not a list of at least one component")
    components = tuple(_component(entry, f"components[{number}]") for number, entry in enumerate(listed))
    if len({component.name for component in components}) < len(components):
        raise PlanError("Cannot read the plan: two components have the same name")
    place = _object(fields.get("dataPlace"), "plan.dataPlace")
    return Plan(
        runner=_text(fields, "runner", "plan"),
        runtime=_path(fields, "runtime", "plan"),
        data_mount_root=_path(fields, "dataMountRoot", "plan"),
        folders=_paths(fields, "folders", "plan"),
        binds=_binds(fields.get("binds")),
        data_place=_path(place, "path", "plan.dataPlace"),
        data_place_is_link=place.get("isLink") is True,
        components=components,
    )


def _component(value: object, where: str) -> Component:
    fields = _object(value, where)
    argv = fields.get("argv")
    if not isinstance(argv, list) or not argv or not all(isinstance(part, str) for part in argv):
        raise PlanError(f"Cannot read the plan: {where}.argv is not a list of strings")
    env = _object(fields.get("env"), f"{where}.env")
    if not all(isinstance(part, str) for part in env.values()):
        raise PlanError(f"Cannot read the plan: {where}.env has a value that is not a string")
    return Component(
        name=_text(fields, "name", where),
        argv=tuple(argv),
        env=env,
        log=_path(fields, "log", where),
        socket=_path(fields, "socket", where),
    )


def _binds(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise PlanError("Cannot read the plan: plan.binds is not a list")
    pairs = [(_object(entry, f"plan.binds[{at}]"), f"plan.binds[{at}]") for at, entry in enumerate(value)]
    return tuple((_path(fields, "source", where), _path(fields, "target", where)) for fields, where in pairs)


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlanError(f"Cannot read the plan: {where} is not an object")
    return cast(dict[str, Any], value)


def _text(fields: Mapping[str, Any], key: str, where: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value:
        raise PlanError(f"Cannot read the plan: {where}.{key} is not a string with at least one character")
    return value


def _path(fields: Mapping[str, Any], key: str, where: str) -> str:
    value = _text(fields, key, where)
    if not value.startswith("/"):
        raise PlanError(f"Cannot read the plan: {where}.{key} is not an absolute path")
    return value


def _paths(fields: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = fields.get(key)
    if not isinstance(value, list) or not all(
        isinstance(path, str) and path.startswith("/") for path in value
    ):
        raise PlanError(f"Cannot read the plan: {where}.{key} is not a list of absolute paths")
    return tuple(value)
