"""How runs happen: the agent contract, the meter, evaluation, workers, command line."""
