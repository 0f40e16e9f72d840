// The run queue of each hart, and how threads get from one to another: when they are woken, and
// when a hart that has nothing to do pulls one that waits for another hart.
#pragma once

#include "sched.h"

// the lock of the hart is held.
void run_queue_append(struct hart* hart, struct thread* t);

// the first thread that the policy lets run; the idle thread if there is none. The lock is held.
struct thread* run_queue_take(struct hart* hart);

// Lets a thread that is new or asleep run, on the hart with this number. A thread that is not yet
// asleep stays where it is, one that somebody else has woken already is left alone.
void wake(struct thread* t, u64 hart);

// puts a thread that neither runs nor waits in a queue into the queue of another hart.
void migrate(struct thread* t, u64 hart);

// For kernels that balance, which is where the workload does not pin threads: there is a thread
// that this idle hart could pull; pulls it, with no lock held.
bool can_pull(const struct hart* hart);
void pull(struct hart* hart);

// from the tick: threads wait for this hart, which an idle one could pull.
void kick_idle_hart(struct hart* hart);
