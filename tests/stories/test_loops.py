"""Activities that run several times."""

from __future__ import annotations

from engine.events import TaskCreated
from tests.stories.conftest import StoryMaker


def test_parallel_instances_collect_what_they_bring(story: StoryMaker) -> None:
    case = story("multi-instance-parallel")
    assert case.start(departments=["law", "it"]) == [
        "s happened: none",
        "s -> opinion",
        "opinion started",
        "opinion offered",
        "opinion started",
        "opinion offered",
    ]
    law, it = case.execution.waits()
    assert case.execution.variables_at(it)["department"] == "it"
    assert case.execution.variables_at(it)["loopCounter"] == 2
    assert case.last(TaskCreated).candidate_groups == ["it"]

    case._execution_at_now()
    assert case._tell(case.execution.complete(it, {"opinion": "no"})) == ["opinion completed"]
    assert case.complete("opinion", opinion="yes") == [
        "opinion completed",
        "process: opinions = ['yes', 'no']",
        "opinion -> e",
        "e happened: none",
    ]
    assert case.execution.variables == {"departments": ["law", "it"], "opinions": ["yes", "no"]}


def test_no_instances_for_an_empty_collection(story: StoryMaker) -> None:
    case = story("multi-instance-parallel")

    assert case.start(departments=[]) == [
        "s happened: none",
        "s -> opinion",
        "process: opinions = []",
        "opinion -> e",
        "e happened: none",
    ]


def test_collection_that_is_none_is_an_incident(story: StoryMaker) -> None:
    case = story("multi-instance-parallel")

    assert case.start()[2:] == [
        "opinion failed: The collection 'departments' has no value, because the case has no departments."
    ]
    assert case.retry("opinion", departments="law")[2:] == [
        "opinion failed: The collection 'departments' must give a list, but it gave law."
    ]
    assert case.retry("opinion", departments=["law"])[2:] == ["opinion started", "opinion offered"]


def test_instances_one_after_another_until_a_condition_is_met(story: StoryMaker) -> None:
    case = story("multi-instance-sequential")
    case.start(places=["attic", "cellar", "garden"], found=False)
    assert case.waits == ["late", "look"]
    assert case.execution.variables_at(case.key("look"))["place"] == "attic"

    assert case.complete("look", report="dust") == [
        "visit: report None => dust",
        "look completed",
        "look -> ve",
        "ve happened: none",
        "visit completed",
        "visit started",
        "visit: loopCounter = 2, report = None, place = cellar",
        "vs happened: none",
        "vs -> look",
        "look started",
        "look offered",
    ]
    assert case.complete("look", report="a ghost", found=True)[-5:] == [
        "process: reports = ['dust', 'a ghost', None]",
        "late withdrawn",
        "visit -> after",
        "after started",
        "after offered",
    ]


def test_boundary_event_stops_all_instances(story: StoryMaker) -> None:
    case = story("multi-instance-sequential")
    case.start(places=["attic", "cellar"], found=False)

    assert case.trigger("late") == [
        "late happened: timer",
        "look cancelled by late",
        "visit cancelled by late",
        "late -> e",
        "e happened: none",
    ]


def test_enough_votes_stop_the_rest(story: StoryMaker) -> None:
    case = story("multi-instance-completion")
    case.start(voters=["a", "b", "c"])
    assert case.last(TaskCreated).assignee == "c"

    assert case.complete("vote") == ["vote completed"]
    assert case.complete("vote") == [
        "vote completed",
        "vote cancelled by vote",
        "vote -> e",
        "e happened: none",
    ]


def test_many_instances(story: StoryMaker) -> None:
    case = story("multi-instance-parallel")
    case.start(departments=[f"d{n}" for n in range(300)])
    for n in range(300):
        case.complete("opinion", opinion=n)
    assert case.execution.is_completed
    assert case.execution.variables["opinions"] == list(range(300))


def test_standard_loop(story: StoryMaker) -> None:
    case = story("standard-loop")
    case.start()
    assert case.complete("try", done=False) == [
        "process: done = False",
        "try completed",
        "try started",
        "try offered",
    ]
    assert case.complete("try", done=True)[-2:] == ["try -> e", "e happened: none"]

    case = story("standard-loop")
    case.start(done=False)
    case.complete("try")
    case.complete("try")
    assert case.complete("try") == ["try completed", "try -> e", "e happened: none"]


def test_too_many_instances_are_an_incident(story: StoryMaker) -> None:
    case = story("multi-instance-parallel")

    assert case.start(departments=[0] * 10_001)[2:] == [
        "opinion failed: There are 10001 instances to make, and no more than 10000 are allowed."
    ]
