"""Libraries: which process and which decision is meant while a recorded case runs again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import bpmn, dmn
from engine.bpmn import CompiledProcess, Decided
from engine.bpmn.elements import ProcessModel, Reference
from engine.dmn import DecisionModel
from engine.errors import NotFound
from engine.queries.recorded import Stored, StoredFile


@dataclass(frozen=True)
class Loaded:
    """A process, ready to run."""

    id: str
    deployment_key: int
    model: ProcessModel
    compiled: CompiledProcess = field(repr=False)


@dataclass
class Library:
    """Processes and decisions: those of a draft before those in force; of what was recorded, the very versions."""

    stored: tuple[Stored, ...]
    files: Mapping[int, StoredFile]
    draft: tuple[tuple[str, bytes], ...] = ()
    _processes: dict[Any, Loaded] = field(default_factory=dict, repr=False)
    _decisions: dict[Any, DecisionModel] = field(default_factory=dict, repr=False)
    _drafted: dict[tuple[str, str], Any] | None = field(default=None, repr=False)

    def by_digest(self, process_id: str, digest: str) -> Loaded:
        """The version of a process that a case ran in."""
        if (process_id, digest) not in self._processes:
            for each in self.stored:
                if each.kind == "process" and each.id == process_id and each.digest == digest:
                    self._processes[process_id, digest] = self._read(each)
                    break
            else:
                raise NotFound("Expected to find process '{process}', but none is deployed.", process=process_id)
        return self._processes[process_id, digest]

    def process(self, process_id: str, binding: str = "latest", deployment_key: int = 0) -> Loaded:
        """The process that a call means, the draft's before all others. Raises NotFound."""
        drafted = self.drafted.get(("process", process_id))
        if drafted is not None:
            return drafted  # type: ignore[no-any-return]
        meant = self._meant("process", process_id, binding, deployment_key)
        if meant is None:
            raise NotFound("Expected to find process '{process}', but none is deployed.", process=process_id)
        return self.by_digest(process_id, meant.digest)

    def in_force(self, process_id: str) -> Loaded | None:
        """The newest version of a process, whatever the draft says."""
        meant = self._meant("process", process_id, "latest", 0)
        return self.by_digest(process_id, meant.digest) if meant else None

    def decide(
        self,
        reference: Reference,
        variables: dict[str, Any],
        now: dt.datetime,
        deployment_key: int,
        version: int | None,
    ) -> Decided:
        """Take a decision: in a recorded version, or in the one that is meant. Raises NotFound."""
        drafted = self.drafted.get(("decision", reference.id)) if version is None else None
        if drafted is not None:
            return Decided(0, drafted.evaluate(reference.id, variables, now))
        if version is None:
            tag = f"versionTag:{reference.version_tag}" if reference.binding == "versionTag" else reference.binding
            meant = self._meant("decision", reference.id, tag, deployment_key)
        else:
            meant = next((each for each in self._of("decision", reference.id) if each.version == version), None)
        if meant is None:
            raise NotFound("Expected to find decision '{decision}', but none is deployed.", decision=reference.id)
        return Decided(meant.version, self.decision_model(meant.resource_key).evaluate(reference.id, variables, now))

    def decision(self, decision_id: str) -> DecisionModel | None:
        """The model of a decision: the draft's, or the newest in force."""
        meant = self._meant("decision", decision_id, "latest", 0)
        drafted: DecisionModel | None = self.drafted.get(("decision", decision_id))
        return drafted or (self.decision_model(meant.resource_key) if meant else None)

    def decision_model(self, resource_key: int) -> DecisionModel:
        if resource_key not in self._decisions:
            file = self.files[resource_key]

            def find(namespace: str, location: str) -> DecisionModel | None:
                key = file.imports.get((namespace, location))
                return None if key is None else self.decision_model(key)

            self._decisions[resource_key] = dmn.parse(file.content, file.name, find)
        return self._decisions[resource_key]

    @property
    def drafted(self) -> dict[tuple[str, str], Any]:
        """What the draft holds: kind and id → the process or the decision model."""
        if self._drafted is None:
            self._drafted = dict(self._read_draft())
        return self._drafted

    def _read_draft(self) -> list[tuple[tuple[str, str], Any]]:
        found: list[tuple[tuple[str, str], Any]] = []
        tables = {name: content for name, content in self.draft if name.lower().endswith(".dmn")}
        models: dict[str, DecisionModel] = {}

        def model(name: str) -> DecisionModel:
            if name not in models:
                models[name] = dmn.parse(tables[name], name, find)
            return models[name]

        def find(namespace: str, location: str) -> DecisionModel | None:
            for name, content in tables.items():
                heading = dmn.heading(content)
                if heading is not None and heading.namespace == namespace:
                    return model(name)
            for key, file in self.files.items():
                heading = dmn.heading(file.content) if file.name.endswith(".dmn") else None
                if heading is not None and heading.namespace == namespace:
                    return self.decision_model(key)
            return None

        for name in tables:
            found += [(("decision", each), model(name)) for each in model(name).decisions]
        for name, content in self.draft:
            if name.lower().endswith(".bpmn"):
                for process in bpmn.parse(content, name).executable():
                    found.append((("process", process.id), Loaded(process.id, 1 << 62, process, bpmn.compile(process))))
        return found

    def _of(self, kind: str, id: str) -> list[Stored]:
        return [each for each in self.stored if each.kind == kind and each.id == id]

    def _meant(self, kind: str, id: str, binding: str, deployment_key: int) -> Stored | None:
        means, _, tag = binding.partition(":")
        versions = self._of(kind, id)
        if means == "deployment":
            versions = [each for each in versions if each.deployment_key <= deployment_key]
        elif means == "versionTag":
            versions = [each for each in versions if each.version_tag == tag]
        return versions[-1] if versions else None

    def _read(self, stored: Stored) -> Loaded:
        file = self.files[stored.resource_key]
        diagram = bpmn.parse(file.content, file.name)
        model = next(each for each in diagram.processes if each.id == stored.id)
        return Loaded(stored.id, stored.deployment_key, model, bpmn.compile(model))
