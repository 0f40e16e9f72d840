#pragma once

/* How a sequence is repeated and what is kept of it. */

typedef unsigned long u64;
typedef unsigned char u8;

struct pair {
    u64 first, second;
};

enum { WARM_UP = 15, SAMPLES = 41, ROUNDS = WARM_UP + SAMPLES, COLUMNS = 4 };

/* for each round; negative rounds warm up */
#define EACH_ROUND for (int round = -WARM_UP; round < SAMPLES; round++)

/* keeps the cycles of a round in a column, unless it warms up */
void keep(int column, int round, u64 cycles);

/* prints the samples of a column as one line: id, operations, minimum, median, maximum */
void report(const char* id, int column, unsigned operations);

/* repeats an expression that returns cycles and reports it */
#define MEASURE(id, operations, expression) \
    do {                                    \
        EACH_ROUND                          \
        keep(0, round, (expression));       \
        report(id, 0, operations);          \
    } while (0)

/* the same for a `struct pair`; an id may be NULL: not reported */
#define MEASURE_PAIR(first_id, second_id, expression) \
    do {                                              \
        EACH_ROUND {                                  \
            struct pair both = (expression);          \
            keep(0, round, both.first);               \
            keep(1, round, both.second);              \
        }                                             \
        report(first_id, 0, 1);                       \
        report(second_id, 1, 1);                      \
    } while (0)

static inline void load(u64 address) { (void)*(volatile u64*)address; }

/* evicts the line at `address`: 48 loads to its set leave (3/4)^48 of a chance that it stays */
void evict(u64 address);

/* a line that other data never shares, holding a pointer to itself */
u64 self_pointer(void);

void baseline(void);
void loads(void);
void core(void);
void atomics(void);
void fences(void);
void tlb_misses(void);
void page_faults(void);
void traps(void);
void map_three(void);
