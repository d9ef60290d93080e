"""The state of a case as bytes: versioned, without specs, only what is alive; history is in the log.

    {"v": 1, "process": id, "last": highest token id, "cancelled": bool,
     "scopes": [{"of": id of the token that holds it or 0, "id": element, "data": variables,
                 "i": interrupted by an event sub-process, "undo": what can be undone, "done": nothing left to do,
                 "tokens": [[id, element, state, id of the token it belongs to or 0, memory, local variables], …]}, …]}

Scopes come after the scope that holds them, tokens after those they belong to. Long states are packed.
"""

from __future__ import annotations

import zlib
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine import plain
from engine.bpmn.case import Case, Environment
from engine.bpmn.compiler import CompiledProcess
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.specs.gateways import JoinSpec
from engine.bpmn.tokens import BEGIN, LEAVE, Scope, Token
from engine.errors import Invalid

VERSION = 1
PACK_FROM_BYTES = 512
_PACKED = b"z"


def dump(case: Case) -> bytes:
    """The state of a case."""
    text = plain.dumps(written(case)).encode()
    return text if len(text) < PACK_FROM_BYTES else _PACKED + zlib.compress(text, 3)


def written(case: Case) -> dict[str, Any]:
    """The state of a case as plain data."""
    return {
        "v": VERSION,
        "process": case.process.id,
        "last": case.last_id,
        "cancelled": case.is_cancelled,
        "scopes": [_dump_scope(scope) for scope in (case.root, *case.scopes.values())],
    }


def _dump_scope(scope: Scope) -> dict[str, Any]:
    root = scope.task_tree.id
    return {
        "of": scope.holder.id if scope.holder else 0,
        "id": scope.spec.name,
        "data": scope.data,
        "i": scope.interrupted,
        "undo": scope.undo,
        "done": scope.completed,
        "tokens": [
            [
                token.id,
                token.task_spec.name,
                token.state,
                0 if token._parent == root else token._parent,
                token.internal_data,
                token.data,
            ]
            for token in scope.living
        ],
    }


def load(process: CompiledProcess, state: bytes, environment: Environment) -> Case:
    """The case of a state. Raises Invalid when the state is of another format or does not fit the process."""
    return read(process, _unpack(state), environment)


def read(process: CompiledProcess, document: dict[str, Any], environment: Environment) -> Case:
    """The case of a state that is plain data already. Raises Invalid when it does not fit the process."""
    case = Case(process, environment)
    case.last_id = document["last"]
    case.is_cancelled = document["cancelled"]
    holders: dict[int, Token] = {}
    for number, row in enumerate(document["scopes"]):
        if number:
            scope = case.open(_scope_spec(process, row["id"]), holders[row["of"]])
        else:
            scope = case.root = Scope(process.root, case, None)
        scope.data, scope.interrupted, scope.completed = row["data"], row["i"], row["done"]
        scope.undo = row["undo"]
        for token in row["tokens"]:
            _load_token(scope, holders, *token)
    return case


def _unpack(state: bytes) -> dict[str, Any]:
    try:
        document = plain.loads(zlib.decompress(state[1:]) if state[:1] == _PACKED else state)
        version = document["v"]
    except (zlib.error, ValueError, LookupError, TypeError) as error:
        raise Invalid("The state of the case is damaged and cannot be read.") from error
    if version != VERSION:
        raise Invalid("The state of the case has format {version}, which cannot be read here.", version=version)
    return dict(document)


def _load_token(
    scope: Scope,
    tokens: dict[int, Token],
    token_id: int,
    element: str,
    state: int,
    parent: int,
    memory: dict[str, Any],
    data: dict[str, Any],
) -> None:
    case = scope.case
    spec = _element_spec(scope, element)
    token = Token(scope, spec, tokens[parent] if parent else scope.task_tree, state, token_id)
    token.internal_data, token.data = memory, data
    tokens[token_id] = token
    if token.has_key:
        case.by_key[token.key] = token
    if isinstance(spec, JoinSpec) and state != TaskState.READY and token.phase != LEAVE:
        if memory["flow"] not in spec.node.incoming:
            raise _missing(case.process.id, memory["flow"])
        scope.wait_at_join(token)
    if "was" in memory and token.phase == BEGIN:
        case.watched[token_id] = token
    if state == TaskState.READY:
        case.schedule(token)


def _scope_spec(process: CompiledProcess, name: str) -> ScopeSpec:
    spec = process.scopes.get(name)
    if spec is None:
        raise _missing(process.id, name)
    return spec


def _element_spec(scope: Scope, name: str) -> ElementSpec:
    spec = scope.spec.task_specs.get(name)
    if spec is None:
        raise _missing(scope.case.process.id, name)
    return spec


def _missing(process: str, element: str) -> Invalid:
    return Invalid(
        "The state of a case stands at '{element}', which this version of process '{process}' does not have.",
        element=element,
        process=process,
    )
