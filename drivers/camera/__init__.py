"""Cameras over RTSP: whether each is there, what its picture is like, how its stream flows."""
