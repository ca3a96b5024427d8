"""The agents that Podium ships: one file an agent, `parts` for what they share."""
