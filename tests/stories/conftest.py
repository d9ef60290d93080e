"""Every story runs in one go, with the state dumped and loaded after every stimulus, and migrated to a copy then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stories.story import Decide, Story

StoryMaker = Callable[..., Story]


@pytest.fixture(params=["in one go", "loaded after every step", "migrated to a copy after every step"])
def story(request: pytest.FixtureRequest) -> StoryMaker:
    """Opens the story of a diagram."""

    def open_story(diagram: str, decide: Decide | None = None) -> Story:
        return Story(diagram, reloads="loaded" in request.param, migrates="migrated" in request.param, decide=decide)

    return open_story
