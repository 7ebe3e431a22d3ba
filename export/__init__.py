"""Turns checkpoints into style files (needs the extra ``export``)."""
