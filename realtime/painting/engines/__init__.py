"""The engines that compute a style, and which of them a device means."""
