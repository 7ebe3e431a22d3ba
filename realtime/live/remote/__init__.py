"""What steers a live session from outside its window: the page and its HTTP API, OSC, MIDI."""
