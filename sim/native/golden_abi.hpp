#pragma once

#include <cstdint>

// What the simulator and the golden model say to each other: C structures of 64-bit words, because
// the golden model is compiled for another C++ library interface than the simulator
// (sim/golden.py).

extern "C" {

struct GoldenConfig {
    const char* isa;  // Spike's ISA string
    std::uint64_t misa;
    std::uint64_t pmp_entries;
    std::uint64_t pmp_bytes;  // of the smallest region
    std::uint64_t dram_base;
    std::uint64_t dram_bytes;
    std::uint64_t reset_pc;
    std::uint64_t line_bytes;   // reservation set of LR/SC
    std::uint64_t honour_asid;  // the straps of these names
    std::uint64_t cache_invalid_ptes;
    std::uint64_t svadu;
    std::uint64_t hart;    // its number
    std::uint64_t shared;  // other harts write the same memory
};

// A record of the retire port; fields as rtl/trace/retire.py says. `cycle` only serves reports.
struct GoldenRecord {
    std::uint64_t cycle;
    std::uint64_t pc;
    std::uint64_t insn;
    std::uint64_t privilege;
    std::uint64_t trap;
    std::uint64_t cause;
    std::uint64_t tval;
    std::uint64_t fetch_paddr;
    std::uint64_t fetch_pte;
    std::uint64_t fetch_level;
    std::uint64_t fetch_translated;
    std::uint64_t rd_valid;
    std::uint64_t rd;
    std::uint64_t rd_data;
    std::uint64_t mem_read;
    std::uint64_t mem_write;
    std::uint64_t mem_vaddr;
    std::uint64_t mem_paddr;
    std::uint64_t mem_size;  // log2 of the bytes
    std::uint64_t mem_rdata;
    std::uint64_t mem_wdata;
    std::uint64_t mem_pte;
    std::uint64_t mem_level;
    std::uint64_t mem_translated;
};

struct Golden;

// The functions of the shared object, without the prefix `golden_`.
struct GoldenFunctions {
    // Null where Spike refuses the ISA string.
    Golden* (*make)(const GoldenConfig*);
    void (*destroy)(Golden*);
    void (*add_device)(Golden*, std::uint64_t base, std::uint64_t bytes);
    // Writes memory before the run.
    void (*load)(Golden*, std::uint64_t address, const void* bytes, std::uint64_t length);
    // A coherent store of the host, after the records that were performed before it.
    void (*host_store)(Golden*, std::uint64_t address, std::uint64_t value);
    // With `shared`: the walker of this hart has found this PTE in memory or in its walk cache, or
    // left it there. In the order of what was performed, too.
    void (*walk)(Golden*, std::uint64_t address, std::uint64_t pte);
    // A store to SETSSIP is about to raise the software interrupt of S-mode on this hart.
    void (*set_ssip)(Golden*);
    // Executes what this record is about. 1: the golden model agrees, or the difference is one of
    // the exceptions; 0: report() says how it differs, and no further step may follow.
    int (*step)(Golden*, const GoldenRecord*);
    const char* (*report)(Golden*);
    // The last records.
    const char* (*history)(Golden*);
    // Name of an exception of docs/verification.md, and how often it was made; null and 0 beyond
    // the last one.
    const char* (*exception_name)(unsigned kind);
    std::uint64_t (*exception_count)(Golden*, unsigned kind);
};
}
