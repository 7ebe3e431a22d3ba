"""From a frame to its painting: styles at work, what is mixed with them, what holds them steady."""
