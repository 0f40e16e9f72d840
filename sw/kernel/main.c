#include "main.h"

#include "console.h"
#include "policy.h"
#include "sbi_call.h"
#include "sched.h"
#include "selfcheck.h"
#include "smp.h"
#include "spawn.h"
#include "vm.h"
#include "workload.h"

struct thread idle_threads[NR_HARTS];

// head.S
void continue_on(u64 sp, void (*function)(void)) __attribute__((noreturn));

// The measured window: everything between the two, both called once.
PROBED void workload_begin(void) { asm volatile(""); }

PROBED void workload_end(void) { asm volatile(""); }

static void run(void) {
    smp_boot();
    spawn_workload();
    selfcheck_pages();
    workload_begin();
    smp_begin();
    spawn_begin_delays();
    idle_loop();
}

// On the boot stack, without translation, interrupts off; tp is the idle thread.
void kernel_main(u64 hart_id) {
    struct hart* hart = &harts[hart_id];
    struct thread* idle = &idle_threads[hart_id];

    hart_init(hart, hart_id);
    workload_parse();
    vm_init();
    thread_create_idle(idle, hart);
    policy_init_hart(hart);
    continue_on((u64)thread_regs(idle), run);
}

bool workload_finished(void) {
    return __atomic_load_n(&live_threads, __ATOMIC_RELAXED) == 0 &&
           __atomic_load_n(&nr_threads, __ATOMIC_ACQUIRE) == nr_harts;
}

void finish_run(void) {
    workload_end();
    selfcheck_pages();
    selfcheck_end();
    print("dynstack %s: threads %u, calls %u, faults %u, self-check passed", POLICY_ID,
          (u64)workload_nr_threads(), completed_calls, completed_faults);
    sbi_shutdown(SBI_SRST_REASON_NONE);
}
