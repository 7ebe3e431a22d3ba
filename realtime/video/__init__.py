"""Frames and their times: decoding, colours, HDR, encoders. OpenCV and PyAV enter here."""
