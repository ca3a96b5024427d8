"""Learning gates: trainings that must reach a threshold, noted for `podium agents`.

`make test-learning` notes what was measured in `baselines/evidence/`; a test alone
notes nothing.
"""

import os

from harness.agent_source import imported_digest, source_files
from harness.evidence import evidence_file, record_gate
from harness.load_agent import installed_agents, load_agent
from tests.conftest import BEGAN


def judge(agent, gate, *, seed, measured, at_least):
    """Holds an installed agent to a gate.

    Args:
        gate: the training in a few words.
        seed: of the training; a gate has two or more, each judged by its own call.
    """
    if os.environ.get("PODIUM_NOTE_GATES"):
        entry, loaded = installed_agents()[agent], load_agent(agent)
        ours = entry.module.partition(".")[0]
        for name, path in source_files(loaded).items():
            edited = name.startswith(ours) and path.stat().st_mtime > BEGAN
            assert not edited, f"{path} was edited while its agent trained"
        record_gate(
            evidence_file(entry),
            gate,
            threshold=at_least,
            seed=seed,
            measured=measured,
            code_digest=imported_digest(loaded, entry.module),
        )
    assert measured >= at_least
