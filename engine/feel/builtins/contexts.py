"""Built-in functions on contexts."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import Unsuitable, builtin
from engine.feel.runtime import Runtime


@builtin(
    "get value",
    "m: context|null, key: string|null -> any",
    "The value of an entry; of an entry inside with a list of keys.",
)
def get_value(runtime: Runtime, context: Any, key: Any) -> Any:
    if context is None or key is None:
        raise Unsuitable("a context and a key are needed.")
    if key not in context:
        raise Unsuitable("there is no entry '{key}'.", key=key[:40])
    return context[key]


@builtin("get value", "context: context, keys: list -> any")
def get_value_inside(runtime: Runtime, context: Any, keys: list[Any]) -> Any:
    for key in keys:
        if context.__class__ is not dict or key.__class__ is not str or key not in context:
            raise Unsuitable("there is no such entry.")
        context = context[key]
    return context


@builtin("get entries", "m: context -> list", "The entries as a list of contexts with `key` and `value`.")
def get_entries(runtime: Runtime, context: dict[str, Any]) -> list[dict[str, Any]]:
    runtime.list_of_length(2 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list -> context", "A context made of a list of contexts with `key` and `value`.")
def context_of(runtime: Runtime, entries: list[Any]) -> dict[str, Any]:
    runtime.list_of_length(len(entries))
    result: dict[str, Any] = {}
    for entry in entries:
        if entry.__class__ is not dict or "key" not in entry or "value" not in entry:
            raise Unsuitable("every entry must have a key and a value.")
        key = entry["key"]
        if key.__class__ is not str or key in result:
            raise Unsuitable("every key must be a text, and no key may come twice.")
        result[key] = entry["value"]
    return result


@builtin("context put", "context: context, key: string, value: any -> context", "The context with an entry set.")
def context_put(runtime: Runtime, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    runtime.list_of_length(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any -> context")
def context_put_inside(runtime: Runtime, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or any(key.__class__ is not str for key in keys) or len(keys) > 100:
        raise Unsuitable("the keys must be a list of texts.")
    return _put(runtime, context, keys, value)


def _put(runtime: Runtime, context: Any, keys: list[str], value: Any) -> dict[str, Any]:
    if context.__class__ is not dict:
        raise Unsuitable("there is no context at '{key}'.", key=keys[0][:40])
    runtime.list_of_length(len(context) + 1)
    key, *rest = keys
    if not rest:
        return {**context, key: value}
    if key not in context:
        raise Unsuitable("there is no entry '{key}'.", key=key[:40])
    return {**context, key: _put(runtime, context[key], rest, value)}


@builtin("context merge", "*contexts: list -> context", "The entries of several contexts; later ones win.")
def context_merge(runtime: Runtime, contexts: list[Any]) -> dict[str, Any]:
    return _merged(runtime, contexts)


def _merged(runtime: Runtime, contexts: list[Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for context in contexts:
        if context.__class__ is not dict:
            raise Unsuitable("only contexts can be merged.")
        runtime.list_of_length(len(context))
        result.update(context)
    return result


@builtin("put", "context: context, key: string, value: any -> context", "The context with an entry set.")
def put(runtime: Runtime, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    runtime.list_of_length(len(context) + 1)
    return {**context, key: value}


@builtin("put all", "*contexts: list -> context", "The entries of several contexts; later ones win.")
def put_all(runtime: Runtime, contexts: list[Any]) -> dict[str, Any]:
    return _merged(runtime, contexts)
