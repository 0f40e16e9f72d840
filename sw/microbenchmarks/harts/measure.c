/* Hart 0: what it costs to share a line with hart 1, and to interrupt it. */

#include "../harness.h"

#define MSIP_OF_HART_1 0x2000004

enum request { STORE = 1, LOAD = 2, ADD = 3, TAKE_INTERRUPTS = 9 };

extern volatile u64 answer[], request[], contended[], stage, in_s_mode;

u64 time_load(volatile u64*), time_store_fence(volatile u64*), time_amoadds(volatile u64*, u64);
void time_interrupt(volatile u64*, u64, u64, u64*);
void time_remote_fence(u64, u64, volatile u64*, u64*);
void become_supervisor(void);

static u64 requests, interrupts;

static void ask(enum request what) {
    requests++;
    request[0] = requests << 8 | what;
    asm volatile("fence" ::: "memory");
    while (request[8] != requests);
}

static void spin(int count) { for (volatile int i = 0; i < count; i++); }

static u64 write_then_read_elsewhere(void) {
    contended[0] = 1;
    ask(LOAD);
    (void)contended[0];
    return time_store_fence(contended);
}

static void sharing(void) {
    MEASURE("ld-use-own-l1-hit", 1, (contended[0], time_load(contended)));
    MEASURE("st-fence-line-dirty-in-other-hart-s-l1", 1, (ask(STORE), time_store_fence(contended)));
    MEASURE("st-fence-line-shared-by-both-upgrade", 1, write_then_read_elsewhere());
    MEASURE("amoadd-loop-x100-uncontended", 100, (contended[0] = 1, time_amoadds(contended, 100)));
    EACH_ROUND {
        ask(ADD);
        keep(0, round, time_amoadds(contended, 100));
        spin(2000);
    }
    report("amoadd-loop-x100-contended-by-other-hart", 0, 100);
}

/* the round trip, and when the handler began */
static struct pair interrupt(int before) {
    u64 times[2];
    spin(before);
    time_interrupt(answer, ++interrupts, MSIP_OF_HART_1, times);
    return (struct pair){times[0], times[1]};
}

static void machine_interrupts(void) {
    MEASURE_PAIR("ipi-msip-write-remote-handler-ack-seen-round-trip",
                 "msip-store-remote-handler-1st-insn-m-m", interrupt(40 + (round & 7)));
    stage = 1;
    spin(500);
    interrupt(0);
    MEASURE_PAIR("ipi-round-trip-receiver-in-wfi", 0, interrupt(100 + (round & 7)));
}

#define REMOTE_FENCE "remote-sfence-round-trip-ecall-ack-seen"

static void remote_fences(void) {
    stage = 2;
    asm volatile("fence" ::: "memory");
    interrupt(0);
    while (!in_s_mode);
    spin(500);
    become_supervisor();
    EACH_ROUND {
        u64 times[4];
        spin(60 + (round & 7));
        time_remote_fence(0, ++interrupts, answer, times);
        for (int column = 0; column < 4; column++) keep(column, round, times[column]);
    }
    report(REMOTE_FENCE, 0, 1);
    report(REMOTE_FENCE "-remote-m-handler-1st-insn", 1, 1);
    report(REMOTE_FENCE "-remote-s-handler-1st-insn", 2, 1);
    report(REMOTE_FENCE "-remote-sfence-done", 3, 1);
    EACH_ROUND {
        u64 times[4];
        spin(60 + (round & 7));
        time_remote_fence(0, ++interrupts, answer, times);
        keep(0, round, times[2] - times[1]);
        keep(1, round, times[3] - times[2]);
    }
    report("remote-m-entry-s-entry-no-skew", 0, 1);
    report("remote-s-entry-after-sfence-no-skew", 1, 1);
}

int main(void) {
    sharing();
    ask(TAKE_INTERRUPTS);
    machine_interrupts();
    remote_fences();
    return 0;
}
