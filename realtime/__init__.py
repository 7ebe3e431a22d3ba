"""Runs styles: live camera, files, command line. Never imports torch."""
