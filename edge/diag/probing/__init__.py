"""What is there: ports, input devices, cameras and machines looked at; none is made to act."""
