"""What several rooms need: files written whole, work that overlaps, interrupts, extras that may be missing."""
