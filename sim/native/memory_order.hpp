#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "memory.hpp"

namespace dynstack {

// What the checker looks at of a record of the retire port (rtl/trace/retire.py).
struct AccessRecord {
    std::uint64_t pc;
    std::uint64_t fetch_paddr;
    std::uint64_t mem_paddr;
    std::uint64_t mem_rdata;
    std::uint64_t mem_wdata;
    std::uint32_t insn;
    std::uint8_t trap;
    std::uint8_t mem_read;
    std::uint8_t mem_write;
    std::uint8_t mem_size;
};

// A PTE that a walker has read, or updated (rtl/trace/walk.py).
struct WalkRecord {
    std::uint64_t paddr;
    std::uint64_t pte;
    std::uint64_t wdata;
    std::uint8_t from_walk_cache;
    std::uint8_t write;

    // What the walker believes to be in memory from now on.
    std::uint64_t result() const { return write ? wdata : pte; }
};

// A store that a D$ has performed (rtl/trace/store.py).
struct StoreRecord {
    std::uint64_t paddr;
    std::uint64_t wdata;
    std::uint8_t size;
};

// Checks that memory is what all harts together made of it.
//
// Everything that reads or writes memory is given in the order in which the D$s performed it, known
// to the cycle (replay.hpp). So there is one memory, and no choice: a load, an AMO and a walk
// must read what it holds, and an SC that succeeds had its reservation. What changes it is what the
// D$s say that they wrote, each write for one reason: a store, SC or AMO of this cycle, the oldest
// store of the hart's store buffer, its walker, or the host. In a store buffer only loads of its
// hart see a store, and whatever orders stores finds the buffer empty. Without one that is
// sequential consistency, with one total store ordering, which is stronger than RVWMO.
//
// A fetch must return what memory held at some time since the last fence.i of the hart.
class MemoryOrder {
  public:
    // `memory` is kept by somebody else: it holds what was written up to the cycle before.
    MemoryOrder(const Memory& memory, unsigned harts, unsigned line_bytes, bool buffered);

    // What was performed in one cycle: of all harts what they did, then what their D$s wrote.
    void begin(std::uint64_t time) { time_ = time; }
    void walk(unsigned hart, const WalkRecord& read);
    void host_store(std::uint64_t address, std::uint64_t value);
    void retire(unsigned hart, const AccessRecord& record);
    void write(unsigned hart, const StoreRecord& written);
    void end();

    // What was wrong first; empty while all is well.
    const std::string& violation() const { return violation_; }

  private:
    static constexpr unsigned kNobody = ~0u;
    static constexpr std::uint64_t kNever = ~0ull;

    struct Store {
        std::uint64_t address;
        std::uint64_t bytes;
        std::uint64_t value;
        std::uint64_t pc;
    };
    // A store that was performed, and the aligned word that it changed, as it was before.
    struct Written {
        std::uint64_t time;
        std::uint64_t address;
        std::uint64_t before;
        std::uint64_t pc;
        unsigned hart;
    };
    struct HartState {
        std::deque<Store> buffer;
        std::optional<Store> expected;  // to be written in this cycle
        unsigned writer = 0;            // whose that is: the hart or nobody
        std::uint64_t reserved_line = kNever;
        std::uint64_t fence_i = 0;
    };

    void expect(unsigned hart, const Store& store, unsigned writer);
    void note(unsigned hart, const Store& store);
    std::uint64_t seen_by(const HartState& hart, std::uint64_t address, std::uint64_t bytes) const;
    bool fetchable(std::uint64_t address, std::uint16_t parcel, std::uint64_t since) const;
    void check_fetch(unsigned hart, const AccessRecord& record);
    void check_read(unsigned hart, const char* what, std::uint64_t address, std::uint64_t bytes,
                    std::uint64_t value, std::uint64_t expected);
    void check_empty(unsigned hart, const char* what);
    std::string writer_of(std::uint64_t address) const;
    void violate(std::string sentence);

    const Memory& memory_;
    std::vector<HartState> harts_;
    unsigned line_bytes_;
    bool buffered_;
    std::uint64_t time_ = 0;
    // The last stores, a ring: enough to say who wrote, and what a fetch may still have seen.
    std::vector<Written> written_;
    std::uint64_t stores_ = 0;
    std::string violation_;
};

}  // namespace dynstack
