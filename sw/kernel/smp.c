#include "smp.h"

#include "console.h"
#include "ipi.h"
#include "main.h"
#include "policy.h"
#include "sbi_call.h"
#include "vm.h"
#include "workload.h"

u64 nr_harts = 1;
static u64 nr_online = 1;
static u64 begun;

// head.S
extern u8 secondary_entry[];

void smp_boot(void) {
    csr_set(sie, SIE_SSIE);
    for (u64 id = 1; id < workload_nr_harts(); id++) {
        struct thread* idle = &idle_threads[id];
        hart_init(&harts[id], id);
        thread_create_idle(idle, &harts[id]);
        if (sbi_hart_start(id, (u64)secondary_entry, (u64)idle)) {
            fail(EXIT_UNUSABLE_WORKLOAD,
                 "unusable workload: it is for %u harts, and hart %u does not exist",
                 (u64)workload_nr_harts(), id);
        }
        // one after the other, so that the same pages go to the same harts each time.
        while (__atomic_load_n(&nr_online, __ATOMIC_ACQUIRE) == id) {
        }
        nr_harts = id + 1;
    }
}

void secondary_main(void) {
    struct hart* hart = this_hart();
    policy_init_hart(hart);
    csr_set(sie, SIE_SSIE);
    __atomic_fetch_add(&nr_online, 1, __ATOMIC_RELEASE);
    // interrupts are off during the wait, so that one that comes before it ends it; they are taken
    // after it, for the boot hart may already ask for a fence.
    while (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE)) {
        wait_for_interrupt();
        local_irq_enable();
        local_irq_disable();
    }
    idle_loop();
}

void smp_begin(void) {
    __atomic_store_n(&begun, 1, __ATOMIC_RELEASE);
    for (u64 id = 1; id < nr_harts; id++) {
        ipi_send(IPI_RESCHEDULE, id);
    }
}
