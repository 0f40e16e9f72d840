// Offsets and sizes for assembly. Compiled to assembly text, from which the build makes a header:
// each string "->NAME value" becomes a #define.
#include "page_cache.h"
#include "sched.h"
#include "thread.h"
#include "workload.h"

#define DEFINE(name, value) asm volatile(".ascii \"->" #name " %0\"" ::"i"(value))
#define REGISTER(name, field) DEFINE(PT_##name, offsetof(struct pt_regs, field))

void offsets(void) {
    DEFINE(PT_SIZE, sizeof(struct pt_regs));
    REGISTER(EPC, epc);
    REGISTER(RA, ra);
    REGISTER(SP, sp);
    REGISTER(GP, gp);
    REGISTER(TP, tp);
    REGISTER(T0, t0);
    REGISTER(T1, t1);
    REGISTER(T2, t2);
    REGISTER(S0, s0);
    REGISTER(S1, s1);
    REGISTER(A0, a0);
    REGISTER(A1, a1);
    REGISTER(A2, a2);
    REGISTER(A3, a3);
    REGISTER(A4, a4);
    REGISTER(A5, a5);
    REGISTER(A6, a6);
    REGISTER(A7, a7);
    REGISTER(S2, s2);
    REGISTER(S3, s3);
    REGISTER(S4, s4);
    REGISTER(S5, s5);
    REGISTER(S6, s6);
    REGISTER(S7, s7);
    REGISTER(S8, s8);
    REGISTER(S9, s9);
    REGISTER(S10, s10);
    REGISTER(S11, s11);
    REGISTER(T3, t3);
    REGISTER(T4, t4);
    REGISTER(T5, t5);
    REGISTER(T6, t6);
    REGISTER(STATUS, status);
    REGISTER(BADADDR, badaddr);
    REGISTER(CAUSE, cause);

    DEFINE(THREAD_KERNEL_SP, offsetof(struct thread, kernel_sp));
    DEFINE(THREAD_USER_SP, offsetof(struct thread, user_sp));
    DEFINE(THREAD_ENTRY_SCRATCH, offsetof(struct thread, entry_scratch));
    DEFINE(THREAD_STACK_LIMIT, offsetof(struct thread, stack_limit));
    DEFINE(THREAD_HART, offsetof(struct thread, hart));
    DEFINE(THREAD_RA, offsetof(struct thread, context.ra));
    DEFINE(THREAD_SP, offsetof(struct thread, context.sp));
    DEFINE(THREAD_S, offsetof(struct thread, context.s));

    DEFINE(HART_ID, offsetof(struct hart, id));
    DEFINE(HART_WORD_SHIFT, __builtin_ctz(sizeof(struct hart_word)));
    DEFINE(HART_OVERFLOW_STACK, offsetof(struct hart, overflow_stack_top));
    DEFINE(HART_FAULT_STACK, offsetof(struct hart, fault_stack_top));

    DEFINE(OP_FAULT, OP_FAULT);
    DEFINE(OP_EXIT, OP_EXIT);
    DEFINE(OP_SIZE, sizeof(struct workload_op));
    DEFINE(OP_KIND, offsetof(struct workload_op, kind));
    DEFINE(OP_USER_WORK, offsetof(struct workload_op, user_work));
    DEFINE(OP_DEPTH, offsetof(struct workload_op, depth));
    DEFINE(OP_SLEEP_DEPTH, offsetof(struct workload_op, sleep_depth));
    DEFINE(OP_SLEEP_TICKS, offsetof(struct workload_op, sleep_ticks));
    DEFINE(OP_HARTS, offsetof(struct workload_op, harts));
    DEFINE(OP_DEPTH_AFTER, offsetof(struct workload_op, depth_after));
    DEFINE(OP_FRAME_BYTES, offsetof(struct workload_op, frame_bytes));
}
