"""Casewright's web pages: server-rendered, bilingual, keyboard first. They know the engine's doors alone."""
