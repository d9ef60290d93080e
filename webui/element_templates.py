"""Templates of elements for the editor of diagrams: a mail, a request, a call of each plug-in, in plain fields."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from engine.analysis import drawing


def built_in() -> list[dict[str, Any]]:
    """A template for each service that is installed here, in the reader's language."""
    known = {"casewright:mail": _mail, "casewright:http": _request}
    return [known[service]() if service in known else _other(service) for service in drawing.profile()["services"]]


def _mail() -> dict[str, Any]:
    return _template(
        "casewright:mail",
        gettext("Send a mail"),
        gettext("Sends a mail to the customer or to somebody else; {statusLink} becomes the case's status page."),
        [
            _input(gettext("To"), "to", "=email", required=True),
            _input(gettext("Subject"), "subject", required=True),
            _input(gettext("Text"), "body", kind="Text", feel="optional"),
        ],
    )


def _request() -> dict[str, Any]:
    methods = [{"name": method, "value": method} for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
    return _template(
        "casewright:http",
        gettext("Call another system"),
        gettext("Sends a request to an address that the installation allows; `status` and `body` are the answer."),
        [
            {
                "label": gettext("Method"),
                "type": "Dropdown",
                "value": "POST",
                "choices": methods,
                "binding": {"type": "zeebe:input", "name": "method"},
            },
            _input(gettext("Address"), "url", required=True),
            _input(gettext("Data sent"), "body", kind="Text", feel="required", optional=True),
            _input(gettext("Headers"), "headers", kind="Text", feel="required", optional=True),
            {
                "label": gettext("Keep the answer as"),
                "type": "String",
                "optional": True,
                "binding": {"type": "zeebe:output", "source": "=body"},
            },
        ],
    )


def _other(service: str) -> dict[str, Any]:
    return _template(service, service, gettext("Calls what a plug-in of this installation does."), [])


def _template(service: str, name: str, description: str, properties: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json",
        "id": service.replace(":", "."),
        "name": name,
        "description": description,
        "version": 1,
        "appliesTo": ["bpmn:Task", "bpmn:ServiceTask", "bpmn:SendTask"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "properties": [
            {
                "type": "Hidden",
                "value": service,
                "binding": {"type": "zeebe:taskDefinition", "property": "type"},
            },
            *properties,
        ],
    }


def _input(
    label: str,
    name: str,
    value: str = "",
    *,
    kind: str = "String",
    feel: str = "optional",
    required: bool = False,
    optional: bool = False,
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "label": label,
        "type": kind,
        "feel": feel,
        "binding": {"type": "zeebe:input", "name": name},
    }
    if value:
        made["value"] = value
    if required:
        made["constraints"] = {"notEmpty": True}
    if optional:
        made["optional"] = True
    return made
