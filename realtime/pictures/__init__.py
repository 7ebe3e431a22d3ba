"""Picture files: their pixels, what they say besides, and sheets of several."""
