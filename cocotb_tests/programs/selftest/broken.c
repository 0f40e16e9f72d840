// Tests that go wrong on purpose: what the host has to report.
#include "../env/env.h"

TEST(passes) { return 0; }

TEST(differs) {
    EQUAL(1 + 1, 3);
    return 0;
}

TEST(traps) {
    load64(0x18000008);
    return 0;
}

TEST(skips) { return SKIP; }
