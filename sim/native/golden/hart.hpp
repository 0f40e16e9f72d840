#pragma once

#include <cstdint>
#include <optional>
#include <sstream>

#include "golden_abi.hpp"
#include "spike.hpp"
#include "world.hpp"

namespace golden {

// What Spike did for one record, in the terms of the record.
struct Outcome {
    std::uint64_t pc = 0;
    std::optional<std::uint64_t> insn;  // none where the fetch faulted, or on an interrupt
    std::uint64_t privilege = 0;
    bool trap = false;
    std::uint64_t cause = 0;
    std::uint64_t tval = 0;
    std::uint64_t rd = 0;  // 0: no register was written
    std::uint64_t rd_data = 0;
    bool mem_read = false;
    bool mem_write = false;
    std::uint64_t mem_vaddr = 0;
    std::uint64_t mem_paddr = 0;
    std::uint64_t mem_bytes = 0;
    std::uint64_t mem_wdata = 0;
};

// Address and direction of a load, store, or atomic instruction.
struct Access {
    std::uint64_t vaddr;
    std::uint64_t bytes;
    bool store;
};

// What Spike is led to where its own view of memory differs from the RTL's: only with several
// harts.
struct Guide {
    std::optional<std::uint64_t> insn;  // the instruction fetched
    std::optional<Path> fetch;
    std::optional<Path> data;
};

// One hart of Spike, which takes interrupts only when it is told to.
class Hart {
  public:
    // Throws std::invalid_argument where Spike refuses the ISA string.
    Hart(const GoldenConfig& config, World& world);

    Outcome execute(const Guide& guide = {});

    // Gives way to the first in priority of the interrupts that software has made pending and
    // `more`. No trap in the result: none of them is enabled.
    Outcome interrupt(std::uint64_t more);

    // Takes an exception that Spike itself does not find.
    Outcome force(std::uint64_t cause, std::uint64_t tval);

    // Interrupts that would be taken now: pending by software, and enabled.
    std::uint64_t due() const;

    processor_t& spike() { return processor_; }
    state_t& state() { return state_; }
    mmu_t& mmu() { return mmu_; }

    // The access of an instruction with the registers as they are now.
    std::optional<Access> access_of(insn_t insn) const;

    // Where an access goes that has just been made.
    std::uint64_t physical(std::uint64_t vaddr, access_type type);

    // Whether memory, as it is now, lets this access through; nothing changes, but Spike's own
    // translations are dropped.
    bool translates(std::uint64_t vaddr, access_type type);
    void forget_translations();
    void forget_pte(std::uint64_t address);

    // Where Spike's own TLB sends an access, if it holds the page.
    std::optional<std::uint64_t> held(std::uint64_t vaddr, access_type type) const;
    // Whether Spike has decoded this instruction at this address; it does not look again then.
    bool holds_insn(std::uint64_t pc, std::uint64_t insn) const;
    void forget_insn(std::uint64_t pc) { mmu_.icache[mmu_.icache_index(pc)].tag = ~0ull; }
    // The leaf that a walk of Spike's will find, and its level; nothing is checked.
    struct Leaf {
        std::uint64_t pte;
        unsigned level;
    };
    std::optional<Leaf> leaf_of(std::uint64_t vaddr);

    std::string disassemble(std::uint64_t insn) const {
        return processor_.disassembler->disassemble(insn_t(insn));
    }

  private:
    Outcome begin() const;
    void run(Outcome& outcome, const Guide& guide);
    insn_fetch_t fetch(std::uint64_t pc, const Guide& guide);
    std::uint64_t root() const;
    void trapped(Outcome& outcome, trap_t& trap);
    void collect(Outcome& outcome);

    World& world_;
    std::ostringstream log_;  // Spike wants a stream; nothing is written to it
    processor_t processor_;
    state_t& state_;
    mmu_t& mmu_;
};

}  // namespace golden
