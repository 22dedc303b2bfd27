"""The commands of hallctl, a module for each group, which `edge.diag.cli` loads when it is asked for."""
