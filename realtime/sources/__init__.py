"""Where frames come from: webcams, network cameras, files, the demo."""
