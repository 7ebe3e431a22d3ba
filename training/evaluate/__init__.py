"""How good a style is: likeness, steadiness, artefacts."""
