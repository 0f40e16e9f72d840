// What a stack policy may do, and when. A policy is one file in sw/policies/; a hook that it does
// not define does nothing (policy_defaults.c). Hooks are resolved when the image is linked, and
// link-time optimisation inlines them: there is no indirect call on a measured path.
//
// The same file may define, where __ASSEMBLER__ is defined, the macro POLICY_ENTRY_KERNEL that
// entry.S runs first thing after a trap from S-mode, before anything is stored on the stack (sp is
// the interrupted one and saved in THREAD_KERNEL_SP(tp); sp may be changed, all else may not), and
// POLICY_ENTRY_OUT_OF_LINE for the code that this macro branches to. A first line
// `// compile-flags: ...` adds flags to every C file of the image.
#pragma once

#include "pages.h"
#include "thread.h"

// once per hart, before any thread runs on it.
void policy_init_hart(struct hart* hart);

// gives a new user thread the stack pages it starts with; all pages are unmapped. Kernel threads
// are fully populated under every policy and do not come here.
void policy_thread_create(struct thread* t);

// the thread is dead and switched out. Whatever it still has mapped is freed afterwards.
void policy_thread_exit(struct thread* t);

// a trap from user mode, interrupts off, pt_regs in the top page.
void policy_enter_from_user(struct thread* t);

// the last C code before the exit sequence, interrupts off.
void policy_exit_to_user(struct thread* t);

// `prev` is about to be switched out, interrupts off, run queue locked.
void policy_switch_out(struct thread* prev);

// `next` is to run now. False refuses: the scheduler looks for another.
bool policy_switch_in(struct thread* next);

// on the incoming thread, after the stack has changed. The run queue is still locked: `prev` cannot
// run anywhere, and nobody can wake it.
void policy_finish_switch(struct thread* prev);

// the idle thread of a hart, each time before it looks for something to run; interrupts off.
void policy_idle(struct hart* hart);

// What a policy makes of a wait inside the kernel.
enum wait_place {
    WAIT_HERE,     // the thread sleeps where it is
    WAIT_OUTSIDE,  // the call returns as far as it got; the policy lets the thread wait at the
                   // exit, and has it execute the call again
    WAIT_IS_OVER,  // that has happened, and the call goes on as after a sleep
};

// the current thread has to wait, for a timer or for another thread.
enum wait_place policy_about_to_block(struct thread* t);

// the current thread gives its hart away inside the kernel. True: not here, but at the exit.
bool policy_yields_at_exit(struct thread* t);

// Hart `hart` is about to read an object on the stack of `owner`, who does not run on it, and goes
// on only after that. Several harts may be here at the same time.
void policy_shared(struct thread* owner, u64 hart);

// a system call or page fault is going to use the stack down to `bytes` below its top, at a point
// where it may sleep. False: there is no memory for that, and the call fails.
bool policy_ensure(struct thread* t, u64 bytes);

// the page pool is empty: give back up to `pages` pages, and return how many.
u64 policy_reclaim(u64 pages);

// for the accounting: visits every page that the policy keeps outside of caches and reserves.
void policy_for_each_page(void (*visit)(paddr_t pa));

// every tick.
void policy_periodic_scan(void);
