/* P5-keep: what was asked for stays until the pool is empty; then a hart takes it from threads that
 * wait there and whose sp is above it, without a fence. A thread whose call goes deeper after its
 * sleep has asked already (`deeper`). */
#include "p5.h"
#define RUNS(h, t)          at[t] = h
#define LEAVE(h, t)         word[t] = 0
#define SWITCH_OUT(h, t)    word[t] = word[t] && (live[t] || deeper)
#define COLLECTED(h, t)     (at[t] == h && !live[t])
#define COLLECT(h, t)       take_away(h, t); give_to_pool(h)
#include "../kernel.pml"
