"""The API served: each operation of `edge.console.api.operations` by what the pages read, too."""
