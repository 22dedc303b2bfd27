"""The cameras of a node: judged by the rules of `edge.rules.cameras`, kept, and told."""
