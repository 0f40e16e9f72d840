// P1-trapstack: P1, where each trap from the kernel starts on a stack of the hart, and its frame is
// copied to the thread's stack unless the trap was for want of stack. On arm64 synchronous
// exceptions are proposed to be taken like that; FRED and the IST of x86 do it in hardware.
//
// Nothing is stored on the thread's stack before it is known to be there: the copy comes after the
// same comparison as P1's, now in C. Interrupts are off on the hart's stack, and nothing there
// faults, so that one frame is enough. A store to a missing page runs again; an interrupt that
// finds no room for its frame goes on as soon as it has it.
#include "policies/p1.h"

#ifdef __ASSEMBLER__
// clang-format off

.macro whole_frame operation
    \operation ra, PT_RA(sp)
    \operation gp, PT_GP(sp)
    \operation tp, PT_TP(sp)
    \operation t0, PT_T0(sp)
    \operation t1, PT_T1(sp)
    \operation t2, PT_T2(sp)
    \operation s0, PT_S0(sp)
    \operation s1, PT_S1(sp)
    \operation a0, PT_A0(sp)
    \operation a1, PT_A1(sp)
    \operation a2, PT_A2(sp)
    \operation a3, PT_A3(sp)
    \operation a4, PT_A4(sp)
    \operation a5, PT_A5(sp)
    \operation a6, PT_A6(sp)
    \operation a7, PT_A7(sp)
    \operation s2, PT_S2(sp)
    \operation s3, PT_S3(sp)
    \operation s4, PT_S4(sp)
    \operation s5, PT_S5(sp)
    \operation s6, PT_S6(sp)
    \operation s7, PT_S7(sp)
    \operation s8, PT_S8(sp)
    \operation s9, PT_S9(sp)
    \operation s10, PT_S10(sp)
    \operation s11, PT_S11(sp)
    \operation t3, PT_T3(sp)
    \operation t4, PT_T4(sp)
    \operation t5, PT_T5(sp)
    \operation t6, PT_T6(sp)
.endm

.macro trap_on_hart_stack
    ld sp, THREAD_HART(tp)
    ld sp, HART_FAULT_STACK(sp)
    addi sp, sp, -PT_SIZE
    j save_on_hart_stack
.endm
#undef POLICY_ENTRY_KERNEL
#define POLICY_ENTRY_KERNEL trap_on_hart_stack

.macro trap_on_hart_stack_out_of_line
save_on_hart_stack:
    whole_frame sd
    csrw sscratch, x0
    ld s0, THREAD_KERNEL_SP(tp)
    csrr s1, sstatus
    csrr s2, sepc
    csrr s3, stval
    csrr s4, scause
    sd s0, PT_SP(sp)
    sd s1, PT_STATUS(sp)
    sd s2, PT_EPC(sp)
    sd s3, PT_BADADDR(sp)
    sd s4, PT_CAUSE(sp)
    mv a0, tp
    mv a1, sp
    call leave_hart_stack
    beqz a0, 1f
    mv sp, a0
    li t0, SSTATUS_SUM | SSTATUS_FS
    csrc sstatus, t0
    j trap_entry_done
1:  whole_frame ld
    ld sp, PT_SP(sp)
    .globl stack_fault_sret
stack_fault_sret:
    sret
.endm
#undef POLICY_ENTRY_OUT_OF_LINE
#define POLICY_ENTRY_OUT_OF_LINE trap_on_hart_stack_out_of_line

// clang-format on
#else
#include "policies/copy_frame.h"

static inline void refill(u64 hart) { page_reserve_refill(hart, DYNAMIC_PAGES); }

static inline paddr_t take_page(u64 hart) { return page_reserve_take(hart); }

void policy_switch_out(struct thread* prev) { refill_if_grown(prev); }

// Where the frame is now. NULL: the thread found its stack missing, and has it now.
struct pt_regs* leave_hart_stack(struct thread* t, const struct pt_regs* regs) {
    if (regs->sp < t->stack_limit) {
        grow_stack(t, regs->sp);
        if (regs->cause == CAUSE_LOAD_PAGE_FAULT || regs->cause == CAUSE_STORE_PAGE_FAULT) {
            return NULL;
        }
    }
    struct pt_regs* frame = (struct pt_regs*)regs->sp - 1;
    copy_frame(frame, regs);
    return frame;
}

#endif
