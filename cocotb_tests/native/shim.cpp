// C functions around parts of sim/native, for tests that feed them by hand.

#include <cstring>
#include <memory>
#include <string>

#include "collector.hpp"
#include "dram.hpp"
#include "elf_loader.hpp"
#include "job.hpp"
#include "memory.hpp"
#include "memory_order.hpp"
#include "oracle.hpp"
#include "refusal.hpp"

namespace {

std::string sentence;

// The collector with what it refers to.
struct Bench {
    explicit Bench(dynstack::Job given)
        : job(std::move(given)),
          shadow(job.dram_base, job.dram_bytes, {}),
          collector(job, 1, shadow) {}

    dynstack::Job job;
    dynstack::Memory shadow;
    dynstack::Collector collector;
};

struct DramBench {
    DramBench(unsigned line_bytes, unsigned latency, std::uint64_t stall_seed)
        : memory(0x8000'0000, 1 << 20, {}), dram(memory, line_bytes, latency, stall_seed) {}

    dynstack::Memory memory;
    dynstack::Dram dram;
};

// The checker of memory's order with the memory that it looks at.
struct OrderBench {
    OrderBench(unsigned harts, bool buffered)
        : memory(0x8000'0000, 1 << 20, {}), order(memory, harts, 64, buffered) {}

    dynstack::Memory memory;
    dynstack::MemoryOrder order;
};

// The oracle with the memory that it looks at.
struct OracleBench {
    OracleBench(unsigned harts, bool napot_16k, std::uint64_t list, std::uint64_t list_bytes)
        : memory(0x8000'0000, 64 << 20, {}),
          oracle(harts, memory, napot_16k, {{list, list_bytes}}) {}

    dynstack::Memory memory;
    dynstack::Oracle oracle;
};

}  // namespace

extern "C" {

// What the oracle looks at of a record, in the order of NativeAccess in native_library.py.
struct NativeAccess {
    std::uint64_t cause, tval, pc, fetch_paddr, fetch_pte, mem_vaddr, mem_paddr, mem_pte, root_ppn;
    std::uint32_t insn;
    std::uint16_t asid;
    std::uint8_t trap, privilege, data_privilege, sum, mxr, hardware_ad_update, fetch_translated,
        fetch_level, mem_read, mem_write, mem_translated, mem_level;
};

struct NativeFinding {
    std::uint64_t cycle, pc, vaddr, used_paddr, walked_paddr, age, thread;
    std::uint8_t kind, after_fence, hart, access;
};

// Fields in the order of NativeRecord in native_library.py.
struct NativeRecord {
    std::uint64_t pc, rd_data, mem_paddr, mem_wdata;
    std::uint32_t insn;
    std::uint8_t privilege, trap, rd_valid, rd, mem_write, mem_size;
};

const char* test_load_elf(const char* path, std::uint64_t base, std::uint64_t bytes,
                          std::uint64_t address, void* to, std::uint64_t length) {
    sentence.clear();
    try {
        const dynstack::Image image = dynstack::read_elf(path);
        const dynstack::Memory memory(base, bytes, image.segments);
        dynstack::check_entry(image, path);
        std::memcpy(to, memory.view(address, length).data(), length);
    } catch (const dynstack::Refusal& refusal) {
        sentence = refusal.what();
    }
    return sentence.c_str();
}

Bench* test_collector_new(const char* job_file) {
    sentence.clear();
    try {
        return new Bench(dynstack::read_job(job_file));
    } catch (const dynstack::Refusal& refusal) {
        sentence = refusal.what();
        return nullptr;
    }
}

const char* test_sentence() { return sentence.c_str(); }

void test_collector_delete(Bench* bench) { delete bench; }

void test_collector_cycle(Bench* bench, unsigned cause, unsigned privilege, unsigned events,
                          const NativeRecord* record) {
    bench->collector.count(0, cause, privilege, events);
    if (record != nullptr) {
        bench->collector.record(0, {
                                       .pc = record->pc,
                                       .insn = record->insn,
                                       .privilege = record->privilege,
                                       .trap = record->trap != 0,
                                       .rd_valid = record->rd_valid != 0,
                                       .rd = record->rd,
                                       .rd_data = record->rd_data,
                                   });
        // As a hart without a store buffer shows it.
        if (record->mem_write) {
            bench->collector.store(record->mem_paddr, &record->mem_wdata, 1ull << record->mem_size);
        }
    }
    bench->collector.end_cycle();
}

void test_collector_end(Bench* bench) { bench->collector.end_of_run(); }

std::uint64_t test_collector_samples(Bench* bench, const void** samples) {
    *samples = bench->collector.samples().data();
    return bench->collector.samples().size() * sizeof(dynstack::Sample);
}

std::uint64_t test_collector_counter(Bench* bench, unsigned index) {
    return bench->collector.counters().at(index);
}

std::uint64_t test_collector_stalls(Bench* bench, unsigned privilege, unsigned cause) {
    return bench->collector.harts()[0].in_window.stalls.at(privilege).at(cause);
}

std::uint64_t test_collector_events(Bench* bench, unsigned privilege, unsigned event) {
    return bench->collector.harts()[0].in_window.events.at(privilege).at(event);
}

void test_collector_window(Bench* bench, std::uint64_t* first_last) {
    first_last[0] = bench->collector.window().first();
    first_last[1] = bench->collector.window().last();
}

// Integral, minimum, maximum, last.
void test_collector_watch(Bench* bench, unsigned index, std::uint64_t* totals) {
    const dynstack::Watched& watched = bench->collector.watches().at(index);
    totals[0] = watched.integral;
    totals[1] = watched.minimum;
    totals[2] = watched.maximum;
    totals[3] = watched.last;
}

OrderBench* test_order_new(unsigned harts, int buffered) {
    return new OrderBench(harts, buffered != 0);
}
void test_order_delete(OrderBench* bench) { delete bench; }
void test_order_begin(OrderBench* bench, std::uint64_t time) { bench->order.begin(time); }
void test_order_end(OrderBench* bench) { bench->order.end(); }
void test_order_retire(OrderBench* bench, unsigned hart, const dynstack::AccessRecord* record) {
    bench->order.retire(hart, *record);
}
void test_order_walk(OrderBench* bench, unsigned hart, const dynstack::WalkRecord* record) {
    bench->order.walk(hart, *record);
}
void test_order_host_store(OrderBench* bench, std::uint64_t address, std::uint64_t value) {
    bench->order.host_store(address, value);
}
void test_order_write(OrderBench* bench, unsigned hart, const dynstack::StoreRecord* record) {
    bench->order.write(hart, *record);
    bench->memory.write(record->paddr, &record->wdata, 1ull << record->size);
}
void test_order_fill(OrderBench* bench, std::uint64_t address, std::uint64_t value) {
    bench->memory.write64(address, value);
}
const char* test_order_violation(OrderBench* bench) { return bench->order.violation().c_str(); }

OracleBench* test_oracle_new(unsigned harts, int napot_16k, std::uint64_t list,
                             std::uint64_t list_bytes) {
    return new OracleBench(harts, napot_16k != 0, list, list_bytes);
}

void test_oracle_delete(OracleBench* bench) { delete bench; }

void test_oracle_record(OracleBench* bench, unsigned hart, const NativeAccess* access,
                        std::uint64_t cycle, std::uint64_t tp) {
    dynstack::Registers registers{};
    registers[dynstack::kTp] = tp;
    bench->oracle.record(hart, *access, cycle, registers);
}

void test_oracle_store(OracleBench* bench, std::uint64_t address, std::uint64_t value,
                       std::uint64_t bytes, std::uint64_t cycle) {
    bench->oracle.before_store(address);
    bench->memory.write(address, &value, bytes);
    bench->oracle.after_store(address, cycle);
}

std::uint64_t test_oracle_load(OracleBench* bench, std::uint64_t address) {
    return bench->memory.read64(address);
}

void test_oracle_walked(OracleBench* bench, std::uint64_t address, unsigned level) {
    bench->oracle.walked(address, level);
}

void test_oracle_fence(OracleBench* bench, unsigned hart, int has_vaddr, int has_asid,
                       std::uint64_t vaddr, unsigned asid, std::uint64_t cycle) {
    bench->oracle.fence(
        hart, {has_vaddr != 0, has_asid != 0, vaddr, static_cast<std::uint16_t>(asid)}, cycle);
}

// Checked, then pairs of before and after the fence: stale, harmful, spurious.
void test_oracle_counts(OracleBench* bench, std::uint64_t* counts) {
    const dynstack::Oracle::Counts& from = bench->oracle.counts();
    *counts++ = from.checked;
    for (const auto& pair : {from.stale, from.harmful, from.spurious}) {
        for (const std::uint64_t value : pair) *counts++ = value;
    }
}

// 0 where there are not so many.
int test_oracle_finding(OracleBench* bench, unsigned index, NativeFinding* to) {
    const std::vector<dynstack::Oracle::Finding>& findings = bench->oracle.findings();
    if (index >= findings.size()) return 0;
    const dynstack::Oracle::Finding& from = findings[index];
    *to = {from.cycle,
           from.pc,
           from.vaddr,
           from.used_paddr,
           from.walked_paddr,
           from.age,
           from.thread,
           static_cast<std::uint8_t>(from.kind),
           from.after_fence,
           static_cast<std::uint8_t>(from.hart),
           static_cast<std::uint8_t>(from.access)};
    return 1;
}

DramBench* test_dram_new(unsigned line_bytes, unsigned latency, std::uint64_t stall_seed) {
    return new DramBench(line_bytes, latency, stall_seed);
}

void test_dram_delete(DramBench* bench) { delete bench; }

// What is driven in one cycle. Returns what is seen in the next one: read_valid, read_source,
// read_data, write_done, write_source.
void test_dram_tick(DramBench* bench, int request, int write, std::uint64_t address,
                    unsigned source, int write_valid, std::uint64_t write_data,
                    std::uint64_t* seen) {
    const dynstack::DramResponse response = bench->dram.tick({
        .request = request != 0,
        .write = write != 0,
        .address = address,
        .source = static_cast<std::uint8_t>(source),
        .write_valid = write_valid != 0,
        .write_data = write_data,
    });
    seen[0] = response.read_valid;
    seen[1] = response.read_source;
    seen[2] = response.read_data;
    seen[3] = response.write_done;
    seen[4] = response.write_source;
}

}  // extern "C"
