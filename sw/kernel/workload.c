#include "workload.h"

#include "console.h"
#include "memory_layout.h"
#include "thread.h"

_Static_assert(sizeof(struct workload_header) == 80, "header of the workload");
_Static_assert(sizeof(struct workload_thread) == 32, "thread record of the workload");
_Static_assert(sizeof(struct workload_op) == 32, "operation record of the workload");

#define MAX_FRAME_BYTES 4096

static const struct workload_header* const header = (const struct workload_header*)WORKLOAD_BASE;
static u64 expected_calls;
static u64 expected_faults;

u64 workload_tick_interval;
bool workload_zero_pages;
bool workload_pinned;
bool workload_counts_damage;
enum remote_fence workload_remote_fence;

#define refuse(...) fail(EXIT_UNUSABLE_WORKLOAD, "unusable workload: " __VA_ARGS__)

u64 workload_bytes(void) { return header->total_bytes; }

u32 workload_nr_harts(void) { return header->nr_harts; }

u32 workload_nr_threads(void) { return header->nr_threads; }

u32 workload_nr_processes(void) { return header->nr_processes; }

const struct workload_thread* workload_thread(u32 index) {
    return (const struct workload_thread*)(WORKLOAD_BASE + header->threads_offset) + index;
}

const struct workload_op* workload_ops(u32 first) {
    return (const struct workload_op*)(WORKLOAD_BASE + header->ops_offset) + first;
}

u64 workload_expected_calls(void) { return expected_calls; }

u64 workload_expected_faults(void) { return expected_faults; }

static bool inside(u64 offset, u64 count, u64 size) {
    return offset % 8 == 0 && offset >= sizeof(*header) && offset <= header->total_bytes &&
           count <= (header->total_bytes - offset) / size;
}

static void check_header(void) {
    if (header->magic != WORKLOAD_MAGIC) {
        refuse("magic is %x, not %x; is one loaded at %x?", header->magic, WORKLOAD_MAGIC,
               WORKLOAD_BASE);
    }
    if (header->version != WORKLOAD_VERSION) {
        refuse("version is %u, this kernel reads %u", (u64)header->version, (u64)WORKLOAD_VERSION);
    }
    if (header->total_bytes > DRAM_END - WORKLOAD_BASE) {
        refuse("it says that it has %u bytes, there is room for %u", header->total_bytes,
               DRAM_END - WORKLOAD_BASE);
    }
    if (header->nr_threads < 1 || header->nr_threads > MAX_THREADS) {
        refuse("%u threads: use 1 to %u", (u64)header->nr_threads, (u64)MAX_THREADS);
    }
    if (header->nr_processes < 1 || header->nr_processes > MAX_PROCESSES) {
        refuse("%u processes: use 1 to %u", (u64)header->nr_processes, (u64)MAX_PROCESSES);
    }
    if (header->nr_harts < 1 || header->nr_harts > NR_HARTS) {
        refuse("%u harts: use 1 to %u", (u64)header->nr_harts, (u64)NR_HARTS);
    }
    if (header->remote_fence >= REMOTE_FENCE_FORMS) {
        refuse("remote fences of form %u: use 0 to %u", (u64)header->remote_fence,
               (u64)REMOTE_FENCE_FORMS - 1);
    }
    if (!inside(header->threads_offset, header->nr_threads, sizeof(struct workload_thread)) ||
        !inside(header->ops_offset, header->nr_ops, sizeof(struct workload_op))) {
        refuse("its tables reach beyond its %u bytes", header->total_bytes);
    }
}

static void check_op(u64 thread, const struct workload_thread* record, u64 at) {
    const struct workload_op* op = workload_ops(record->first_op) + at;
    u64 kind = op->kind;
    bool last = at + 1 == record->nr_ops;
    bool user = record->kind == WORKLOAD_USER;

    if (kind - OP_CALL > OP_LAST - OP_CALL) {
        refuse("operation %u of thread %u has kind %u", at, thread, kind);
    }
    if ((kind == OP_EXIT) != last) {
        refuse("operation %u of thread %u: exit must be the last of a thread, and only that", at,
               thread);
    }
    if ((op->depth | op->sleep_depth | op->depth_after) % 16) {
        refuse("operation %u of thread %u: depths must be multiples of 16", at, thread);
    }
    if (last) {
        return;
    }
    if (op->frame_bytes - 16 > MAX_FRAME_BYTES - 16 || op->frame_bytes % 16) {
        refuse("operation %u of thread %u: frames of %u bytes; use a multiple of 16 up to %u", at,
               thread, (u64)op->frame_bytes, (u64)MAX_FRAME_BYTES);
    }
    if (kind == OP_FENCE && op->harts >= header->nr_harts) {
        refuse("operation %u of thread %u: fences on %u other harts of %u", at, thread,
               (u64)op->harts, (u64)header->nr_harts);
    }
#ifdef WAIT_OPERATIONS
    if ((kind == OP_WAIT || kind == OP_WAKE) && !user) {
        refuse("operation %u of thread %u: a kernel thread neither waits for others nor wakes them",
               at, thread);
    }
    if (kind == OP_WAKE && op->harts >= header->nr_threads) {
        refuse("operation %u of thread %u: wakes thread %u of %u", at, thread, (u64)op->harts,
               (u64)header->nr_threads);
    }
#endif
    if ((kind == OP_SLEEP || kind == OP_WAIT) && op->sleep_depth > op->depth) {
        refuse("operation %u of thread %u: sleeps with %u bytes in use, and goes %u deep", at,
               thread, (u64)op->sleep_depth, (u64)op->depth);
    }
    if (kind == OP_FAULT) {
        if (!user) {
            refuse("operation %u of thread %u: a kernel thread has no user page to touch", at,
                   thread);
        }
        expected_faults++;
    } else {
        expected_calls += user;
    }
}

void workload_parse(void) {
    check_header();
    workload_tick_interval = header->tick_interval;
    workload_zero_pages = header->flags & WORKLOAD_ZERO_PAGES;
    workload_pinned = header->nr_harts == 1 || header->flags & WORKLOAD_PINNED;
    workload_counts_damage = header->flags & WORKLOAD_COUNTS_DAMAGE;
    workload_remote_fence = header->remote_fence;

    for (u64 i = 0; i < header->nr_threads; i++) {
        const struct workload_thread* record = workload_thread(i);
        if (record->kind > WORKLOAD_KERNEL) {
            refuse("thread %u has kind %u", i, (u64)record->kind);
        }
        if (record->kind == WORKLOAD_USER && record->process >= header->nr_processes) {
            refuse("thread %u belongs to process %u of %u", i, (u64)record->process,
                   (u64)header->nr_processes);
        }
        if (record->home > header->nr_harts) {
            refuse("thread %u lives on hart %u of %u", i, (u64)record->home - 1,
                   (u64)header->nr_harts);
        }
        if (record->nr_ops < 1 || record->first_op > header->nr_ops ||
            record->nr_ops > header->nr_ops - record->first_op) {
            refuse("thread %u has operations beyond the %u there are", i, (u64)header->nr_ops);
        }
        for (u64 at = 0; at < record->nr_ops; at++) {
            check_op(i, record, at);
        }
    }
}
