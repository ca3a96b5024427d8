"""What agents share: encoders, returns, normalisers. They know no agent."""
