"""The halls in Home Assistant: its MQTT discovery, by which it finds nodes and their devices by itself."""
