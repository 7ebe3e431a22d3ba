"""What a style is: networks, checkpoints and the catalog of style files."""
