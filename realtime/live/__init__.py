"""The live session: its loop, its controls, and where its frames go."""
