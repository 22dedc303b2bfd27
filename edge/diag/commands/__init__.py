"""The commands of hallctl, a module for each group; `edge.diag.cli` puts them together."""
