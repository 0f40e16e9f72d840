"""The mutants of all proofs apply to the RTL as it is, those of the slow ones, too."""

import pytest

from sim.formal.proof import mutated
from sim.formal.properties import harnesses


@pytest.mark.parametrize("harness", harnesses().values(), ids=lambda harness: harness.name)
def test_every_mutant_applies(harness):
    for claim in harness.claims:
        mutated(claim.mutant)
