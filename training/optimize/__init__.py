"""The methods that optimise the pixels of one picture."""
