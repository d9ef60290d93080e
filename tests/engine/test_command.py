"""The transaction: each row is written once, and no question of a step reads a whole table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from engine.commands import CompleteTask
from tests.world import ANNA, World, diagram, flow, task

BODY = "<start/>" + task("first") + task("second") + "<end/>" + flow("start", "first", "second", "end")


class Statements:
    """What a world's database is asked, with the values of each statement."""

    def __init__(self, world: World) -> None:
        self.seen: list[tuple[str, Any]] = []
        event.listen(world.engine.database.sql, "before_cursor_execute", self._see)

    def beginning(self, *words: str) -> list[str]:
        return [statement for statement, _ in self.seen if statement.startswith(words)]

    def _see(self, _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        self.seen.append((statement, values))


def completed(world: World) -> Statements:
    """What completing the first of two tasks asks the database."""
    world.deploy(("a.bpmn", diagram("a", BODY)))
    world.start("a", amount=7)
    (first,) = world.tasks()
    statements = Statements(world)
    world.do(CompleteTask(first.key), ANNA)
    return statements


def test_a_step_writes_each_row_once(world: World) -> None:
    statements = completed(world)
    assert len(statements.beginning("UPDATE process_instance")) == 1
    assert len(statements.beginning("UPDATE task ")) == 1
    assert len(statements.beginning("INSERT INTO log_entry")) == 1
    assert len(statements.beginning("SELECT")) <= 6


def test_a_step_reads_no_whole_table(world: World) -> None:
    statements = completed(world)
    asked = [each for each in statements.seen if each[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    with world.engine.database.sql.connect() as connection:
        for statement, values in asked:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if step.startswith("SCAN")], statement
