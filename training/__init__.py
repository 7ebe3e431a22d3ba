"""Learns styles (needs the extra ``train``)."""
