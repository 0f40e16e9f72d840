#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynstack {

// The job description of sim/job.py, as sim/job_file.py writes it.

enum class PhaseEnd { kBefore, kAfter, kReturn };

struct PhaseProbe {
    std::string name;
    std::uint64_t begin;
    std::uint64_t end;
    PhaseEnd end_kind;
    bool begin_at_trap;
    std::optional<std::uint64_t> unless;
};

struct CounterProbe {
    std::string name;
    std::uint64_t pc;
};

enum class WatchKind { kValidPtes, kSum };

struct WatchProbe {
    std::string name;
    WatchKind kind;
    std::uint64_t base;
    std::uint64_t size;
};

struct Blob {
    std::uint64_t address;
    std::string file;
};

struct WaveWindow {
    std::uint64_t first;
    std::uint64_t last;
    std::string file;
};

// What a timeline holds beside modes, traps and watches: passages of pcs, stores to ranges.
struct TimelineProbe {
    std::string file;
    std::vector<std::uint64_t> marks;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> stores;  // base, size
};

// What the golden model is made of (golden_abi.hpp), and the shared object that has it.
struct Lockstep {
    std::uint64_t misa;
    std::uint64_t pmp_entries;
    std::uint64_t pmp_bytes;  // of the smallest region
    std::uint64_t set_ssip;   // the register of hart 0 that raises its software interrupt
    bool store_buffer;        // the harts have one
    std::string isa;
    std::string library;
};

struct Device {
    std::uint64_t base;
    std::uint64_t bytes;
};

struct Job {
    std::string image;
    std::uint64_t max_cycles = 0;
    std::uint64_t most_unreturned_traps = ~0ull;
    std::uint64_t dram_base = 0;
    std::uint64_t dram_bytes = 0;
    unsigned line_bytes = 0;
    unsigned dram_latency = 0;
    std::vector<std::pair<std::string, std::uint64_t>> straps;
    std::vector<Blob> blobs;
    std::vector<PhaseProbe> phases;
    std::vector<CounterProbe> counters;
    std::vector<WatchProbe> watches;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> page_lists;  // address, bytes
    std::optional<std::pair<std::uint64_t, std::uint64_t>> window;
    std::optional<std::uint64_t> tohost;
    std::optional<std::uint64_t> fromhost;
    std::optional<WaveWindow> waves;
    std::optional<TimelineProbe> timeline;
    bool census = false;
    std::optional<Lockstep> lockstep;
    std::vector<Device> devices;  // of the address map, for lockstep

    // Value of a strap; 0 where the job does not set it.
    std::uint64_t strap(std::string_view wanted) const {
        for (const auto& [name, value] : straps) {
            if (name == wanted) return value;
        }
        return 0;
    }
};

// Throws Refusal that names the line.
Job read_job(const std::string& path);

}  // namespace dynstack
