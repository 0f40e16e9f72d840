// P9: who has to wait leaves the kernel first, and executes its system call again when the wait is
// over. A thread has a stack while it is in the kernel, and nowhere else: that of its hart, which
// all user threads of the hart use in turn. Nothing is ever mapped or unmapped for them.
//
// While a thread is in user mode on a hart, its kernel stack is the hart's, so that the assignment
// at the entry costs nothing. Where it loses the hart, at the exit, all that lives on the stack is
// the frame of its trap. This is kept beside, and goes to the stack of the hart that the thread
// comes to, where it goes on at the exit. The pages of these frames count as set aside.
//
// - A wait for a timer or for another thread: the call comes back as far as it got. At the exit pc
//   and a0 are set back to the call, and the thread sleeps. What the call did before is done again.
// - To give the hart away, and the end of a time slice, wait for the exit anyway.
// - Locks are spun for, and page faults of user memory do not wait: neither needs to leave.
// - Kernel threads have no user mode to go to. They keep stacks of their own, as under every
// policy.
//
// Each user thread still has its own stack address, where nothing is; beside those of the harts the
// region has room for as many threads less.
#ifdef __ASSEMBLER__
// clang-format off

// where a thread goes on that lost its hart at the end of a system call: a0 is the one before it.
.macro resume_system_call_out_of_line
    .globl resume_system_call
resume_system_call:
    call schedule_tail
    call new_thread_exit_to_user
    j syscall_done
.endm
#define POLICY_ENTRY_KERNEL
#define POLICY_ENTRY_OUT_OF_LINE resume_system_call_out_of_line

// clang-format on
#else
#include "kernel/console.h"
#include "kernel/kstack.h"
#include "kernel/timer.h"
#include "policies/copy_frame.h"
#include "policies/set_aside.h"

#define ECALL_BYTES 4
#define FRAMES_PER_PAGE (PAGE_SIZE / sizeof(struct pt_regs))
#define FRAME_PAGES (MAX_THREADS / FRAMES_PER_PAGE + 1)

// words of thread.policy
#define FRAME 0  // where the frame of its trap is kept
#define WAITS 1  // how far a wait for a timer is, or for another thread

enum waits {
    WAITS_NOT,
    WAITS_TO_LEAVE,  // the call is on its way back to the exit
    WAITS_NO_MORE,   // the call will be executed again, and its timer has expired by then
};

static struct hart_word hart_stack[NR_HARTS];
static paddr_t frame_page[FRAME_PAGES];

// entry.S, switch.S, and above
void ret_from_exception(void);
void ret_from_fork(void);
void resume_system_call(void);

void policy_init_hart(struct hart* hart) {
    struct thread owner;
    kstack_reserve(&owner);
    kstack_populate(&owner, THREAD_PAGES);
    hart_stack[hart->id].value = owner.stack;
}

// Threads are created one after the other. Pages stay for threads with the same numbers.
void policy_thread_create(struct thread* t) {
    paddr_t* page = &frame_page[t->index / FRAMES_PER_PAGE];
    if (!*page) {
        *page = page_alloc();
        if (*page == NO_PAGE) {
            panic("no page left for the registers of thread %u", (u64)t->index);
        }
        set_aside_put(0, *page);
    }
    struct pt_regs* frame = (struct pt_regs*)*page + t->index % FRAMES_PER_PAGE;
    t->policy[FRAME] = (u64)frame;
    // the first frame is made before there is a stack.
    t->stack = (u64)(frame + 1) - THREAD_SIZE;
    t->stack_fenced_on = ~0;
}

static inline struct pt_regs* kept_frame(const struct thread* t) {
    return (struct pt_regs*)t->policy[FRAME];
}

void policy_switch_out(struct thread* prev) {
    if (!prev->kernel_thread && prev->state != THREAD_DEAD) {
        copy_frame(kept_frame(prev), thread_regs(prev));
    }
}

bool policy_switch_in(struct thread* next) {
    if (!next->kernel_thread) {
        bool in_call = kept_frame(next)->cause == CAUSE_ECALL_U;
        next->stack = hart_stack[this_hart()->id].value;
        next->context.sp = (u64)thread_regs(next);
        next->context.ra = (u64)(in_call ? resume_system_call : ret_from_fork);
    }
    return true;
}

void policy_finish_switch(struct thread* prev) {
    (void)prev;
    struct thread* t = current_thread();
    if (!t->kernel_thread) {
        copy_frame(thread_regs(t), kept_frame(t));
    }
}

bool policy_yields_at_exit(struct thread* t) { return !t->kernel_thread; }

enum wait_place policy_about_to_block(struct thread* t) {
    if (t->kernel_thread) {
        return WAIT_HERE;
    }
    if (t->policy[WAITS] == WAITS_NO_MORE) {
        t->policy[WAITS] = WAITS_NOT;
        return WAIT_IS_OVER;
    }
    t->policy[WAITS] = WAITS_TO_LEAVE;
    return WAIT_OUTSIDE;
}

// False: there is no need to wait any more. Who waits for another thread asks again in its call.
static bool begin_wait(struct thread* t) {
    if (!t->wait_entry) {
        t->policy[WAITS] = WAITS_NO_MORE;
        t->state = THREAD_SLEEPING;
        timer_add(t->hart, t, t->deadline);
        return true;
    }
    t->policy[WAITS] = WAITS_NOT;
    spin_lock(&t->wait_lock);
    bool waits = !t->wakeups;
    if (waits) {
        t->state = THREAD_SLEEPING;
    }
    spin_unlock(&t->wait_lock);
    return waits;
}

// The call has not been made: it does not return, and is not counted. Interrupts are off, so that
// no timer of this hart expires before the switch; who wakes the thread from elsewhere may find it
// still running, and then schedule() returns.
static __attribute__((noinline, noreturn)) void wait_outside(struct thread* t) {
    struct pt_regs* regs = thread_regs(t);
    regs->epc -= ECALL_BYTES;
    regs->a0 = regs->orig_a0;
    regs->cause = 0;
    if (begin_wait(t)) {
        schedule();
    }
    asm volatile(
        "mv sp, %0\n\t"
        "j ret_from_exception" ::"r"(regs)
        : "memory");
    __builtin_unreachable();
}

void policy_exit_to_user(struct thread* t) {
    if (unlikely(t->policy[WAITS] == WAITS_TO_LEAVE)) {
        wait_outside(t);
    }
}

#endif
