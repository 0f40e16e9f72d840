/* P5-keep: what was asked for stays until the pool is empty; then a hart takes it from threads that
 * wait there, whose sp is above it and whose call has not asked for it, without a fence. */
#include "p5.inc"
#define RUNS(h, t)          at[t] = h
#define LEAVE(h, t)         word[t] = 0
#define COLLECTED(h, t)     (at[t] == h && !live[t] && !word[t])
#define COLLECT(h, t)       take_away(h, t); give_to_pool(h)
#include "../kernel.pml"
