"""The devices of a hall: one folder for each protocol family, each as codec, driver and simulator."""
