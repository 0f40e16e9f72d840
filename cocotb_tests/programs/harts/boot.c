// How harts start.
#include "../env/harts.h"

TEST(every_hart_starts_in_m_mode_and_knows_its_number) {
    EQUAL(csr_read(mhartid), 0);
    EACH_OTHER(hart) {
        EQUAL(boot_state[hart].mhartid, hart);
        EQUAL(boot_state[hart].mstatus & (STATUS_MIE | STATUS_MPRV), 0);
        EQUAL(boot_state[hart].satp, 0);
    }
    CHECK(harts() > 1);
    return 0;
}
