#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fences.hpp"
#include "memory.hpp"
#include "page_tables.hpp"
#include "record.hpp"
#include "sv39.hpp"

namespace dynstack {

// Checks every translation that an instruction used against memory: docs/measuring.md defines what
// it reports.
//
// Per cycle: record() for every hart that has a record, then before_store() and after_store()
// around each store, then fence() and walked(). Cycles are those in which the ports show things:
// what retire, store and fence ports show in one cycle was done in one, loads and stores first.
class Oracle {
  public:
    enum class Kind { kStale, kHarmful, kSpurious };

    static constexpr std::uint64_t kNowhere = ~0ull;

    // A translation that the specification forbids, or that met a page of somebody else.
    struct Finding {
        Kind kind;
        bool after_fence;
        unsigned hart;
        std::uint64_t cycle;
        std::uint64_t pc;
        std::uint64_t vaddr;
        sv39::Access access;
        std::uint64_t used_paddr;    // kNowhere: it faulted
        std::uint64_t walked_paddr;  // kNowhere: a walk faults
        std::uint64_t age;           // cycles since memory last gave what was used
        std::uint64_t thread;        // tp
    };

    struct Counts {
        std::uint64_t checked = 0;
        std::array<std::uint64_t, 2> stale{};    // before and after the covering fence
        std::array<std::uint64_t, 2> harmful{};  // of these
        std::array<std::uint64_t, 2> spurious{};
    };

    Oracle(unsigned harts, const Memory& memory, bool napot_16k,
           std::vector<PageTables::Range> lists);

    // `Port` has the fields of rtl/trace/retire.py; `registers` are as of the record before.
    template <typename Port>
    void record(unsigned hart, const Port& port, std::uint64_t cycle, const Registers& registers) {
        Hart& state = harts_[hart];
        if (port.trap) [[unlikely]] {
            state.flushed = cycle;
            constexpr std::uint64_t kFetchFault = 12, kLoadFault = 13, kStoreFault = 15;
            if (port.cause == kFetchFault || port.cause == kLoadFault ||
                port.cause == kStoreFault) {
                const auto access = port.cause == kFetchFault  ? sv39::kFetch
                                    : port.cause == kLoadFault ? sv39::kLoad
                                                               : sv39::kStore;
                fault(hart, context(port, access), {access, port.pc, port.tval, 0, 0, 0}, cycle,
                      registers);
            }
        } else {
            if (port.fetch_translated) {
                check(hart, port, sv39::kFetch, port.pc, port.fetch_paddr, cycle, registers);
            }
            if (port.mem_translated && (port.mem_read || port.mem_write)) {
                check(hart, port, port.mem_write ? sv39::kStore : sv39::kLoad, port.mem_vaddr,
                      port.mem_paddr, cycle, registers);
            }
            if (redirects(port.insn)) [[unlikely]]
                state.flushed = cycle;
        }
        state.retired[state.records++ % kInFlight] = cycle;
    }

    void before_store(std::uint64_t address) {
        if (tables_.concerned(address)) [[unlikely]]
            before_ = memory_.read64(address & ~7ull);
    }
    void after_store(std::uint64_t address, std::uint64_t cycle) {
        if (tables_.concerned(address)) [[unlikely]] {
            const std::uint64_t word = address & ~7ull;
            tables_.stored(word, before_, memory_.read64(word), cycle);
        }
    }
    void fence(unsigned hart, const Fences::Operands& operands, std::uint64_t cycle) {
        harts_[hart].fences.fence(operands, cycle);
    }
    // A walker has read an entry, or found it in a cache of its own.
    void walked(std::uint64_t address, unsigned level) { tables_.found(address, level); }

    const Counts& counts() const { return counts_; }
    // The first ones; the counts go on.
    const std::vector<Finding>& findings() const { return findings_; }

  private:
    // A fetch is shown when its instruction retires. Fewer instructions than this are on their way
    // between the two: four words of two in the fetch queue, half a word, and a stage each.
    static constexpr unsigned kInFlight = 16;
    static constexpr std::size_t kFindings = 100;
    static constexpr std::size_t kCached = 64;

    struct Access {
        sv39::Access kind;
        std::uint64_t pc;
        std::uint64_t vaddr;
        std::uint64_t paddr;
        std::uint64_t pte;
        unsigned level;
    };

    // A translation that agreed with a walk of this version of the page tables.
    struct Agreed {
        std::uint64_t page = kNowhere;
        std::uint64_t context = 0;
        std::uint64_t frame = 0;
        std::uint64_t version = 0;

        bool operator==(const Agreed&) const = default;
    };

    struct Root {
        std::uint64_t space;  // PPN and ASID of satp
        std::uint64_t until;

        std::uint64_t ppn() const { return space & sv39::kPpn; }
        std::uint16_t asid() const { return static_cast<std::uint16_t>(space >> 44); }
    };

    struct Hart {
        std::array<Agreed, kCached> agreed{};
        std::array<std::uint64_t, kInFlight> retired{};
        std::uint64_t records = 0;
        std::uint64_t flushed = 0;  // fetches of later records were made after this cycle
        Root root{};                // of the last translation
        std::vector<Root> earlier;  // others, by `until`
        Fences fences;
    };

    // Where what was used came from.
    struct Origin {
        bool found = false;
        bool legal = false;       // no fence has covered it since memory held it
        std::uint64_t until = 0;  // memory gave it
        std::uint64_t leaf = kNowhere;
    };
    struct Search;

    // mret, sret, sfence.vma and sinval.vma: what follows is fetched thereafter.
    static bool redirects(std::uint32_t insn) {
        return (insn & 0x7f) == 0x73 &&
               (insn == 0x30200073 || insn == 0x10200073 || (insn & 0xfa007fff) == 0x12000073);
    }

    template <typename Port>
    static sv39::Context context(const Port& port, sv39::Access access) {
        const auto privilege = access == sv39::kFetch ? port.privilege : port.data_privilege;
        return {port.root_ppn, port.asid,     static_cast<std::uint8_t>(privilege),
                port.sum != 0, port.mxr != 0, port.hardware_ad_update != 0};
    }

    // Nearly every translation is one that has agreed before: little is looked at to see that.
    template <typename Port>
    void check(unsigned hart, const Port& port, sv39::Access kind, std::uint64_t vaddr,
               std::uint64_t paddr, std::uint64_t cycle, const Registers& registers) {
        ++counts_.checked;
        const bool fetch = kind == sv39::kFetch;
        const unsigned privilege = fetch ? port.privilege : port.data_privilege;
        const std::uint64_t page =
            vaddr >> 12 << 3 | std::uint64_t{kind} << 1 | port.hardware_ad_update;
        const std::uint64_t space = port.root_ppn | std::uint64_t{port.asid} << 44;
        const std::uint64_t packed = space | std::uint64_t{privilege} << 60 |
                                     std::uint64_t{port.sum} << 62 | std::uint64_t{port.mxr} << 63;
        const Agreed now{page, packed, paddr >> 12, tables_.version()};
        Hart& state = harts_[hart];
        Agreed& agreed = state.agreed[(page >> 3 ^ page >> 9 ^ page << 4) % kCached];
        if (agreed == now && state.root.space == space) [[likely]]
            return;
        use_root(state, space, cycle);
        const Access access{kind,
                            port.pc,
                            vaddr,
                            paddr,
                            fetch ? port.fetch_pte : port.mem_pte,
                            fetch ? port.fetch_level : port.mem_level};
        if (examine(hart, context(port, kind), access, cycle, registers)) agreed = now;
    }

    static void use_root(Hart& state, std::uint64_t space, std::uint64_t cycle);
    std::uint64_t made_since(const Hart& state, const Access& access, std::uint64_t cycle) const;
    [[gnu::noinline]] bool examine(unsigned hart, const sv39::Context& context,
                                   const Access& access, std::uint64_t cycle,
                                   const Registers& registers);
    [[gnu::noinline]] void fault(unsigned hart, const sv39::Context& context, const Access& access,
                                 std::uint64_t cycle, const Registers& registers);
    void report(Finding finding);

    const Memory& memory_;
    PageTables tables_;
    std::vector<Hart> harts_;
    std::uint64_t before_ = 0;
    Counts counts_;
    std::vector<Finding> findings_;
};

}  // namespace dynstack
