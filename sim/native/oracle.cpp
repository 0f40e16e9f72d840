#include "oracle.hpp"

#include <algorithm>

namespace dynstack {

Oracle::Oracle(unsigned harts, const Memory& memory, bool napot_16k,
               std::vector<PageTables::Range> lists)
    : memory_(memory), tables_(memory, napot_16k, std::move(lists)), harts_(harts) {}

// Another satp: what was cached with the one before stays until a fence.
void Oracle::use_root(Hart& state, std::uint64_t space, std::uint64_t cycle) {
    Root& root = state.root;
    if (root.space == space) return;
    root.until = cycle - 1;
    std::erase_if(state.earlier, [&](const Root& other) { return other.space == root.space; });
    state.earlier.push_back(root);
    root = {space, kStillHeld};
}

// The cycle before which an access was not translated. Loads and stores to memory are translated
// in the cycle in which they are performed; those to devices, and fetches, wait.
std::uint64_t Oracle::made_since(const Hart& state, const Access& access,
                                 std::uint64_t cycle) const {
    if (access.kind != sv39::kFetch && memory_.contains(access.paddr, 1)) return cycle;
    return std::max(state.flushed, state.retired[state.records % kInFlight]);
}

// Goes through everything that page tables have said. The rule is the specification's: until a
// fence covers an entry, an implementation may use any value that the entry had since the fence
// before, each entry of a walk by itself.
struct Oracle::Search {
    const PageTables& tables;
    const Hart& hart;
    const sv39::Context& context;
    const Access& access;
    std::uint64_t made_since;
    Origin best{};

    // Of what the access used, or of what it faulted for.
    void run(bool for_fault) {
        from(context.root_ppn, sv39::kRootLevel, kStillHeld, for_fault);
        for (const Root& root : hart.earlier) {
            const bool global = !for_fault && access.pte & sv39::kG;
            if (root.asid() != context.asid && !global) continue;
            from(root.ppn(), sv39::kRootLevel, root.until, for_fault);
        }
    }

  private:
    // A table whose pointers, satp among them, all held their values until a cycle.
    void from(std::uint64_t table, unsigned level, std::uint64_t pointers_until, bool for_fault) {
        const std::uint64_t entry = sv39::entry_address(table, access.vaddr, level);
        if (for_fault) faulting(entry, level, pointers_until);
        if (!for_fault && level == access.level) {
            leaf(entry, pointers_until);
        } else if (level > 0) {
            tables.each_value(entry, [&](std::uint64_t value, std::uint64_t until) {
                if (sv39::is_malformed(value, level, tables.napot_16k())) return;
                if (sv39::is_leaf(value)) return;
                from(sv39::ppn(value), level - 1, std::min(pointers_until, until), for_fault);
            });
        }
    }

    // Each of the four entries of a 16 KiB page may have been read.
    void leaf(std::uint64_t entry, std::uint64_t pointers_until) {
        const bool napot = access.pte & sv39::kN;
        const std::uint64_t first = napot ? entry & ~31ull : entry;
        for (std::uint64_t at = first; at <= first + (napot ? 24 : 0); at += 8) {
            tables.each_value(at, [&](std::uint64_t value, std::uint64_t until) {
                if (value == (access.pte & ~sv39::kRsw)) {
                    found(at, access.pte, access.level, until, pointers_until);
                }
            });
            if (const std::uint64_t forgotten = tables.forgotten(at)) {
                found(at, access.pte, access.level, forgotten, pointers_until);
            }
        }
    }

    void faulting(std::uint64_t entry, unsigned level, std::uint64_t pointers_until) {
        tables.each_value(entry, [&](std::uint64_t value, std::uint64_t until) {
            if (sv39::is_malformed(value, level, tables.napot_16k())) {
                // Whatever is wrong with it, it is kept as an invalid page of 4 KiB.
                found(entry, 0, 0, until, pointers_until);
            } else if (sv39::is_leaf(value) && !sv39::permits(value, access.kind, context)) {
                found(entry, value, level, until, pointers_until);
            }
        });
    }

    void found(std::uint64_t entry, std::uint64_t value, unsigned level, std::uint64_t until,
               std::uint64_t pointers_until) {
        const bool global = value & sv39::kG;
        const std::uint64_t together = std::min(until, pointers_until);
        best.found = true;
        best.legal |=
            not_fenced(pointers_until, hart.fences.of_pointers(context.asid, global)) &&
            not_fenced(until, hart.fences.of_leaf(access.vaddr, value, level, context.asid));
        if (together >= best.until) {
            best.until = together;
            best.leaf = entry;
        }
    }

    // A fence of another hart may have come while a fetch was on its way.
    bool not_fenced(std::uint64_t until, std::uint64_t fenced) const {
        return until >= std::min(fenced, made_since);
    }
};

// Whether what was used is what a walk finds now; reports it where it is not.
bool Oracle::examine(unsigned hart, const sv39::Context& context, const Access& access,
                     std::uint64_t cycle, const Registers& registers) {
    const std::uint64_t frame = access.paddr >> 12;
    const std::optional<PageTables::Leaf> walked = tables_.walk(context, access.vaddr, access.kind);
    const std::uint64_t walked_frame =
        walked ? sv39::frame(walked->pte, access.vaddr, walked->level) : kNowhere;
    if (walked_frame == frame) return true;

    const Hart& state = harts_[hart];
    const std::uint64_t made = made_since(state, access, cycle);
    // No memory explains an access that its own entry does not permit.
    const bool permitted = sv39::permits(access.pte, access.kind, context) &&
                           sv39::frame(access.pte, access.vaddr, access.level) == frame;
    Search search{tables_, state, context, access, made};
    if (permitted) search.run(false);
    const Origin& origin = search.best;
    if (origin.found && origin.until >= made) return false;

    const bool after = !origin.legal;
    const bool harmful = origin.found && tables_.handed_over(frame, origin.leaf, origin.until);
    ++counts_.stale[after];
    counts_.harmful[after] += harmful;
    if (!after && !harmful) return false;
    report({harmful ? Kind::kHarmful : Kind::kStale, after, hart, cycle, access.pc, access.vaddr,
            access.kind, access.paddr,
            walked ? walked_frame << 12 | (access.vaddr & 0xfff) : kNowhere,
            origin.found ? cycle - origin.until : 0, registers[kTp]});
    return false;
}

// A page fault: spurious where a walk permits the access.
void Oracle::fault(unsigned hart, const sv39::Context& context, const Access& access,
                   std::uint64_t cycle, const Registers& registers) {
    const std::optional<PageTables::Leaf> walked = tables_.walk(context, access.vaddr, access.kind);
    if (!walked) return;
    const Hart& state = harts_[hart];
    const std::uint64_t made =
        access.kind == sv39::kFetch ? made_since(state, access, cycle) : cycle;
    Search search{tables_, state, context, access, made};
    search.run(true);
    const Origin& origin = search.best;
    if (origin.found && origin.until >= made) return;
    const bool after = !origin.legal;
    ++counts_.spurious[after];
    if (!after) return;
    const std::uint64_t frame = sv39::frame(walked->pte, access.vaddr, walked->level);
    report({Kind::kSpurious, true, hart, cycle, access.pc, access.vaddr, access.kind, kNowhere,
            frame << 12 | (access.vaddr & 0xfff), origin.found ? cycle - origin.until : 0,
            registers[kTp]});
}

void Oracle::report(Finding finding) {
    if (findings_.size() < kFindings) findings_.push_back(finding);
}

}  // namespace dynstack
