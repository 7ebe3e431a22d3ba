"""Videos, pictures and folders repainted: jobs, segments, files put together, clusters."""
