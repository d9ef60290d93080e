"""Backup and restore: from either kind of database into either, taken while cases move, whole or refused."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import backups
from engine.archives import Archive, Manifest
from engine.checks import survey
from engine.commands import ClaimTask, CompleteTask, SaveDraft
from engine.connectors import Outcome
from engine.engine import Engine
from engine.errors import Invalid, Refused
from engine.model import LogEntry, OutboxMail, ProcessInstance
from engine.queries import console
from tests.engine.storage.conftest import NewDatabase, golden_archive
from tests.world import ANNA, World, diagram, flow, form, service, task

KINDS = ("sqlite", "postgresql")
LOOP = diagram(
    "loop",
    "<start/>" + task("work", form="asked") + service("tell", "example:tell")
    + '<bpmn:exclusiveGateway id="again" default="again-work"/><end/>'
    + flow("start", "work", "tell", "again", "work")
    + '<bpmn:sequenceFlow id="out" sourceRef="again" targetRef="end">'
    "<bpmn:conditionExpression>=done</bpmn:conditionExpression></bpmn:sequenceFlow>",
)  # fmt: skip


def populated(url: str, cases: int = 3) -> World:
    world = World(url)
    world.connectors = {"example:tell": lambda call: Outcome({"told": "告知"})}
    world.deploy(("loop.bpmn", LOOP), ("asked.form", form("asked", ("done", "checkbox"))))
    for number in range(cases):
        world.start("loop", number=number, said="投诉 " * 100)
    first = world.tasks()[0]
    world.do(ClaimTask(first.key), ANNA)
    world.do(SaveDraft(first.key, {"done": False}), ANNA)
    world.clock.turn(hours=1)
    return world


def saved(url: str, path: Path, **said: Any) -> Manifest:
    given: dict[str, Any] = {"version": "1.0", "secret_key": b"k" * 64, "with_secret_key": False} | said
    return backups.save(url, path, **given)


def restored(path: Path, url: str, **said: Any) -> backups.Restored:
    with Archive(path) as archive:
        return backups.restore(url, archive, **said)


def one(url: str, statement: Any) -> Any:
    engine = Engine(url, secret=b"").open()
    try:
        with engine.database.reading() as session:
            return session.scalar(statement)
    finally:
        engine.close()


def expect_consistent(world: World) -> None:
    """What the interpreter, the tables and the log say of each case agrees, and every chain holds."""
    assert [found for page in survey(world.engine, console.CONSOLE) for found in page.findings] == []
    assert all(world.verdict(stream.key).holds for stream in world.engine.query(console.streams, console.CONSOLE))


@pytest.mark.parametrize("into", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_everything_comes_back_in_either_kind_of_database(
    source: str, into: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    world = populated(new_database(source))
    manifest = saved(world.engine.database.url, tmp_path / "a.zip")
    assert (manifest.cases, manifest.database) == (3, source)
    url = new_database(into)
    found = restored(tmp_path / "a.zip", url)
    assert (found.streams, found.broken) == (manifest.streams, ())

    again = saved(url, tmp_path / "b.zip")
    assert [(table.name, sorted_rows(tmp_path / "a.zip", table.name)) for table in manifest.tables] == [
        (table.name, sorted_rows(tmp_path / "b.zip", table.name)) for table in again.tables
    ]
    assert again.log_heads == manifest.log_heads
    copy = World(url)
    copy.clock, copy.connectors = world.clock, world.connectors
    for each in copy.tasks():
        copy.do(CompleteTask(each.key, {"done": True}), ANNA)
    copy.run_due()
    assert {instance.status for instance in copy.instances()} == {"completed"}
    expect_consistent(copy)
    copy.engine.close()
    world.engine.close()


def sorted_rows(path: Path, table: str) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.read(f"tables/{table}.jsonl").decode().splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_backups_taken_while_cases_move_are_each_of_one_moment(
    kind: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    world = populated(new_database(kind), cases=8)
    over, steps = threading.Event(), []

    def work(number: int) -> None:
        while not over.is_set():
            for each in world.tasks()[number::2]:
                with suppress(Refused):  # the other one was first
                    world.do(CompleteTask(each.key, {"done": False}), ANNA)
                    steps.append(each.key)
            world.run_due()

    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(work, number) for number in range(2)]
        try:
            counted = []
            for number in range(4):
                enough = len(steps) + 10
                while len(steps) < enough and not any(each.done() for each in working):
                    over.wait(0.01)
                saved(world.engine.database.url, tmp_path / f"{number}.zip")
                counted.append(len(steps))
        finally:
            over.set()
        for each in working:
            each.result()
    world.engine.close()
    assert counted == sorted(set(counted))
    for number in range(4):
        url = new_database(kind)
        restored(tmp_path / f"{number}.zip", url)
        copy = World(url)
        copy.connectors = world.connectors
        expect_consistent(copy)
        copy.clock.turn(hours=3)  # jobs that were in hand come back after their lease
        copy.run_due()
        for each in copy.tasks():
            copy.do(CompleteTask(each.key, {"done": True}), ANNA)
        copy.run_due()
        assert {instance.status for instance in copy.instances()} == {"completed"}
        copy.engine.close()


def test_a_backup_of_an_older_program_is_brought_up_to_date(empty_url: str, tmp_path: Path) -> None:
    found = restored(golden_archive("0001", tmp_path / "old.zip"), empty_url)
    assert (found.streams, found.broken, found.manifest.revision) == (14, (), "0001")
    assert one(empty_url, select(func.count()).select_from(LogEntry)) == 280
    assert one(empty_url, select(OutboxMail.body).limit(1)) == "Thank you. 谢谢。"


def test_a_database_that_holds_something_is_replaced_only_when_told(empty_url: str, tmp_path: Path) -> None:
    old = golden_archive("0001", tmp_path / "old.zip")
    world = populated(empty_url, cases=2)
    with pytest.raises(Refused, match="holds 2 cases"):
        restored(old, empty_url)
    assert len(world.instances()) == 2
    world.engine.close()
    restored(old, empty_url, replace=True)
    assert one(empty_url, select(func.count()).select_from(ProcessInstance)) == 15


def test_an_archive_of_a_newer_program_is_refused(empty_url: str, tmp_path: Path) -> None:
    path = altered(golden_archive("0001", tmp_path / "a.zip"), manifest={"revision": "9999"})
    with pytest.raises(Refused, match="revision 9999: a newer Casewright"):
        restored(path, empty_url)
    path = altered(golden_archive("0001", tmp_path / "b.zip"), manifest={"format": 2})
    with pytest.raises(Invalid, match="of format 2"):
        Archive(path)


def altered(path: Path, *, manifest: dict[str, Any] | None = None, files: dict[str, Callable[[bytes], bytes]]
            | None = None) -> Path:  # fmt: skip
    """Rewrite an archive, as somebody might who knows its make."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, change in (files or {}).items():
        content[name] = change(content[name])
    content["manifest.json"] = json.dumps(json.loads(content["manifest.json"]) | (manifest or {})).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def cut_from_the_middle(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:40_000] + data[50_000:])


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[30_000] ^= 4
    path.write_bytes(data)


def drop_a_row(path: Path) -> None:
    altered(path, files={"tables/task.jsonl": lambda text: text.partition(b"\n")[2]})


def change_a_word(path: Path) -> None:
    altered(path, files={"tables/outbox_mail.jsonl": lambda text: text.replace(b"Thank you", b"Go away!!")})


def add_a_file(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../etc/passwd", "root")


def leave_a_table_out(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        tables = [table for table in json.loads(archive.read("manifest.json"))["tables"] if table["name"] != "task"]
    altered(path, manifest={"tables": tables})


def write_nonsense(path: Path) -> None:
    path.write_text("no backup at all")


def write_another_manifest(path: Path) -> None:
    altered(path, manifest={"tables": [{"name": "task"}]})


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "damage",
    [truncate, cut_from_the_middle, flip_a_bit, drop_a_row, change_a_word, add_a_file, leave_a_table_out, empty,
     write_nonsense, write_another_manifest],
)  # fmt: skip
def test_a_damaged_archive_is_refused_whole(damage: Callable[[Path], None], tmp_path: Path) -> None:
    path = golden_archive("0001", tmp_path / "a.zip")
    with Archive(path):
        pass
    damage(path)
    with pytest.raises(Invalid, match="damaged: .+ Nothing was changed"):
        Archive(path)


def with_digest(path: Path, table: str, change: Callable[[bytes], bytes]) -> Path:
    """An archive that somebody altered who also knows how to mend the manifest."""
    import hashlib

    name = f"tables/{table}.jsonl"
    altered(path, files={name: change})
    with zipfile.ZipFile(path) as archive:
        digest = hashlib.sha256(archive.read(name)).hexdigest()
        tables = json.loads(archive.read("manifest.json"))["tables"]
    return altered(path, manifest={
        "tables": [each | {"sha256": digest} if each["name"] == table else each for each in tables]
    })  # fmt: skip


def test_an_altered_log_is_not_restored_unless_told(empty_url: str, tmp_path: Path) -> None:
    path = with_digest(
        golden_archive("0001", tmp_path / "a.zip"), "log_entry", lambda text: text.replace(b'"anna"', b'"chen"', 1)
    )
    world = populated(empty_url, cases=1)
    with pytest.raises(Refused, match="Expected every chain of the log to hold, but 1 do not"):
        restored(path, empty_url, replace=True)
    assert [task.element_id for task in world.tasks()] == ["work"], "what was there before is still there"
    world.engine.close()
    found = restored(path, empty_url, replace=True, accept_broken_log=True)
    assert len(found.broken) == 1 and "hash does not fit" in found.broken[0]


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        ("task_candidate", b'[', b'[9'),
        ("task", b'"2026-11-23T08:00:00+00:00"', b'"yesterday"'),
        ("process_instance", b'"active"', b"null"),
        ("log_entry", b"2026-11-23T08", b"2026-11-23T99"),
        ("definition", b',1,null,', b',"one",null,'),
        ("log_entry", b'"UserCreated"', b'[1]'),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused_with_their_table(
    table: str, before: bytes, after: bytes, empty_url: str, tmp_path: Path
) -> None:
    if (table, empty_url[:6]) == ("definition", "sqlite"):
        pytest.skip("SQLite takes text for a number")
    path = golden_archive("0001", tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        assert before in archive.read(f"tables/{table}.jsonl")
    with_digest(path, table, lambda text: text.replace(before, after, 1))
    with pytest.raises(Invalid, match=f"{table}"):
        restored(path, empty_url)
    assert one(empty_url, select(func.count()).select_from(LogEntry)) == 0


def test_a_backup_never_writes_over_a_file_and_leaves_no_half(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there are no tables in it"):
        saved(empty_url, tmp_path / "a.zip")
    populated(empty_url).engine.close()
    saved(empty_url, tmp_path / "a.zip")
    whole = (tmp_path / "a.zip").read_bytes()
    with pytest.raises(Refused, match="exists already"):
        saved(empty_url, tmp_path / "a.zip")
    with pytest.raises(Refused, match="not possible: No such file"):
        saved(empty_url, tmp_path / "nowhere" / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == whole
    assert (tmp_path / "a.zip").stat().st_mode & 0o077 == 0


def test_a_backup_that_fails_on_its_way_leaves_nothing(
    new_database: NewDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database("sqlite")
    populated(url).engine.close()
    folder = tmp_path / "full"
    folder.mkdir()

    def no_space(self: object, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.writestr", no_space)
    with pytest.raises(Refused, match="No space left on device"):
        saved(url, folder / "a.zip")
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)
