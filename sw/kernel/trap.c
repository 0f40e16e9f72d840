// Traps, after entry.S has built the frame: what Linux calls the generic entry code.
#include "console.h"
#include "fault.h"
#include "ipi.h"
#include "policy.h"
#include "sched.h"
#include "syscall.h"
#include "timer.h"

static void enter_from_user(struct thread* t) { policy_enter_from_user(t); }

// Interrupts are off, here and from here to sret, but for the time of a reschedule.
static void exit_to_user(struct thread* t) {
    while (t->need_resched) {
        local_irq_enable();
        schedule();
        local_irq_disable();
    }
    policy_exit_to_user(t);
}

void new_thread_exit_to_user(void) { exit_to_user(current_thread()); }

void do_interrupt(struct pt_regs* regs) {
    struct thread* t = current_thread();
    bool user = user_mode(regs);
    if (user) {
        enter_from_user(t);
    }
    switch (regs->cause & ~CAUSE_INTERRUPT) {
        case IRQ_S_TIMER:
            timer_interrupt();
            break;
        case IRQ_S_SOFT:
            ipi_interrupt();
            break;
        default:
            panic("unexpected interrupt %u", regs->cause & ~CAUSE_INTERRUPT);
    }
    if (user) {
        exit_to_user(t);
    }
}

void do_ecall_from_user(struct pt_regs* regs) {
    struct thread* t = current_thread();
    enter_from_user(t);
    regs->epc += 4;
    regs->orig_a0 = regs->a0;
    local_irq_enable();
    system_call(t, regs);
    local_irq_disable();
    exit_to_user(t);
}

void do_page_fault(struct pt_regs* regs) {
    struct thread* t = current_thread();
    if (!user_mode(regs)) {
        panic("kernel page fault %u at %x, pc %x, sp %x", regs->cause, regs->badaddr, regs->epc,
              regs->sp);
    }
    enter_from_user(t);
    local_irq_enable();
    user_page_fault(t, regs);
    local_irq_disable();
    exit_to_user(t);
}

void do_unexpected_trap(struct pt_regs* regs) {
    panic("unexpected trap %u from %s mode, pc %x, tval %x", regs->cause,
          user_mode(regs) ? "user" : "kernel", regs->epc, regs->badaddr);
}

// on the overflow stack of the hart.
void kernel_stack_overflow(u64 sp) {
    struct thread* t = current_thread();
    panic("kernel stack overflow: sp %x, stack %x to %x, pc %x, tval %x", sp, t->stack,
          stack_top(t), csr_read(sepc), csr_read(stval));
}
