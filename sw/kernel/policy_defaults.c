// Hooks that a policy does not define. Weak definitions lose against the policy's own when the
// image is linked; link-time optimisation then drops or inlines them.
#include "policy.h"

#define DEFAULT __attribute__((weak))

DEFAULT void policy_init_hart(struct hart* hart) { (void)hart; }

DEFAULT void policy_thread_exit(struct thread* t) { (void)t; }

DEFAULT void policy_enter_from_user(struct thread* t) { (void)t; }

DEFAULT void policy_exit_to_user(struct thread* t) { (void)t; }

DEFAULT void policy_switch_out(struct thread* prev) { (void)prev; }

DEFAULT bool policy_switch_in(struct thread* next) {
    (void)next;
    return true;
}

DEFAULT void policy_finish_switch(struct thread* prev) { (void)prev; }

DEFAULT void policy_idle(struct hart* hart) { (void)hart; }

DEFAULT enum wait_place policy_about_to_block(struct thread* t) {
    (void)t;
    return WAIT_HERE;
}

DEFAULT bool policy_yields_at_exit(struct thread* t) {
    (void)t;
    return false;
}

DEFAULT void policy_shared(struct thread* owner, u64 hart) {
    (void)owner;
    (void)hart;
}

DEFAULT bool policy_ensure(struct thread* t, u64 bytes) {
    (void)t;
    (void)bytes;
    return true;
}

DEFAULT u64 policy_reclaim(u64 pages) {
    (void)pages;
    return 0;
}

DEFAULT void policy_for_each_page(void (*visit)(paddr_t pa)) { (void)visit; }

DEFAULT void policy_periodic_scan(void) {}
