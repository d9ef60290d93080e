"""Every story runs in one go, and with the state dumped and loaded after every stimulus."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.story import Decide, Story

StoryMaker = Callable[..., Story]


@pytest.fixture(params=[False, True], ids=["in one go", "loaded after every step"])
def story(request: pytest.FixtureRequest) -> StoryMaker:
    """Opens the story of a diagram."""

    def open_story(diagram: str, decide: Decide | None = None) -> Story:
        return Story(diagram, reloads=request.param, decide=decide)

    return open_story
