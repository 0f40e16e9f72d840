#include "hart.hpp"

#include <algorithm>
#include <cstring>

#include "fields.hpp"
#include "registers.hpp"

namespace golden {

Hart::Hart(const GoldenConfig& config, World& world)
    : world_(world),
      processor_(config.isa, "msu", &world.get_cfg(), &world, config.hart, false, nullptr, log_),
      state_(*processor_.get_state()),
      mmu_(*processor_.get_mmu()) {
    world.set_hart(processor_);
    processor_.enable_log_commits();
    processor_.set_max_vaddr_bits(39);
    processor_.set_impl(IMPL_MMU_ASID, config.honour_asid != 0);
    processor_.reset();  // the masks of the CSRs follow from what was set above
    make_like_the_rtl(processor_, config);
    state_.pc = config.reset_pc;
}

Outcome Hart::begin() const {
    Outcome outcome;
    outcome.pc = state_.pc;
    outcome.privilege = state_.prv;
    return outcome;
}

void Hart::trapped(Outcome& outcome, trap_t& trap) {
    outcome.trap = true;
    outcome.cause = trap.cause();
    outcome.tval = trap.get_tval();
    processor_.take_trap(trap, outcome.pc);
}

// One turn of the loop in processor_t::step(), without what it does around an instruction: taking
// interrupts, printing, counting.
void Hart::run(Outcome& outcome, const Guide& guide) {
    state_.log_reg_write.clear();
    state_.log_mem_read.clear();
    state_.log_mem_write.clear();
    insn_fetch_t fetch = this->fetch(outcome.pc, guide);
    // Encodings longer than 32 bits are illegal, and the RTL looks at no more of them.
    const int length = std::min(fetch.insn.length(), 4);
    outcome.insn = fetch.insn.bits() & ~(~0ull << 8 * length);
    state_.serialized = true;
    if (guide.data) {
        forget_translations();
        world_.lead(root(), guide.data);
    }
    try {
        const reg_t next = fetch.func(&processor_, fetch.insn, outcome.pc);
        // An odd value says that the instruction has set the pc itself.
        if (next % 2 == 0) state_.pc = next;
    } catch (wait_for_interrupt_t&) {
        // Waiting is over when the RTL says so.
    }
    // Spike asserts that a counter which was written hears of the instruction's end.
    const std::uint64_t inhibited = state_.mcountinhibit->read();
    state_.minstret->bump(inhibited & MCOUNTINHIBIT_IR ? 0 : 1);
    state_.mcycle->bump(inhibited & MCOUNTINHIBIT_CY ? 0 : 1);
}

// The instruction, and whether this mode may execute it. Of one that is led there, all that is
// checked is the translation of its first half.
insn_fetch_t Hart::fetch(std::uint64_t pc, const Guide& guide) {
    if (guide.fetch) {
        forget_translations();
        world_.lead(root(), guide.fetch);
        mmu_.translate(mmu_.generate_access_info(pc, FETCH, {}), 1);
        forget_translations();
        world_.lead(root(), {});
    } else {
        try {
            const icache_entry_t* entry = mmu_.access_icache(pc);
            if (!guide.insn) return entry->data;
        } catch (trap_t& trap) {
            // How the second half was translated is not known.
            if (!guide.insn || trap.get_tval() == pc) throw;
        }
    }
    insn_t insn(*guide.insn);
    return {processor_.decode_insn(insn), insn};
}

std::uint64_t Hart::root() const { return (state_.satp->read() & SATP64_PPN) << PGSHIFT; }

Outcome Hart::execute(const Guide& guide) {
    Outcome outcome = begin();
    try {
        try {
            run(outcome, guide);
        } catch (trap_t& trap) {
            const bool page_fault = trap.cause() == CAUSE_FETCH_PAGE_FAULT ||
                                    trap.cause() == CAUSE_LOAD_PAGE_FAULT ||
                                    trap.cause() == CAUSE_STORE_PAGE_FAULT;
            if (!page_fault) throw;
            // Spike keeps PTEs; what counts is memory as it is now.
            world_.lead(root(), {});
            forget_translations();
            run(outcome, guide);
        }
        collect(outcome);
    } catch (trap_t& trap) {
        trapped(outcome, trap);
    }
    if (guide.fetch || guide.data) {
        world_.lead(root(), {});
        forget_translations();
    }
    return outcome;
}

Outcome Hart::interrupt(std::uint64_t more) {
    Outcome outcome = begin();
    try {
        processor_.take_interrupt((state_.mip->read() | more) & state_.mie->read());
    } catch (trap_t& trap) {
        trapped(outcome, trap);
    }
    return outcome;
}

Outcome Hart::force(std::uint64_t cause, std::uint64_t tval) {
    Outcome outcome = begin();
    mem_trap_t trap(cause, false, tval, 0, 0);
    trapped(outcome, trap);
    return outcome;
}

std::uint64_t Hart::due() const {
    const std::uint64_t pending = state_.mip->read() & state_.mie->read();
    if (pending == 0) return 0;
    const std::uint64_t status = state_.mstatus->read();
    const std::uint64_t delegated = state_.mideleg->read();
    std::uint64_t due = 0;
    if (state_.prv < PRV_M || status & MSTATUS_MIE) due |= pending & ~delegated;
    if (state_.prv < PRV_S || (state_.prv == PRV_S && status & MSTATUS_SIE)) {
        due |= pending & delegated;
    }
    return due;
}

void Hart::collect(Outcome& outcome) {
    for (const auto& [key, value] : state_.log_reg_write) {
        // 16 keys a register; 0 among them is the integer register itself.
        if (key % 16 == 0 && key != 0) {
            outcome.rd = key / 16;
            outcome.rd_data = value.v[0];
        }
    }
    outcome.mem_read = !state_.log_mem_read.empty();
    outcome.mem_write = !state_.log_mem_write.empty();
    if (outcome.mem_write) {
        const auto& [address, value, bytes] = state_.log_mem_write.front();
        outcome.mem_vaddr = address;
        outcome.mem_bytes = bytes;
        outcome.mem_wdata = value;
    } else if (outcome.mem_read) {
        const auto& [address, value, bytes] = state_.log_mem_read.front();
        outcome.mem_vaddr = address;
        outcome.mem_bytes = bytes;
    } else {
        return;
    }
    outcome.mem_paddr = physical(outcome.mem_vaddr, outcome.mem_write ? STORE : LOAD);
}

std::uint64_t Hart::physical(std::uint64_t vaddr, access_type type) {
    if (!mmu_.in_mprv()) {
        const dtlb_entry_t* tlb = type == STORE ? mmu_.tlb_store : mmu_.tlb_load;
        const auto [hit, host, paddr] = mmu_.access_tlb(tlb, vaddr, mmu_t::TLB_FLAGS);
        if (hit) return paddr;
    }
    return mmu_.translate(mmu_.generate_access_info(vaddr, type, {}), 1);
}

void Hart::forget_translations() {
    mmu_.flush_tlb();
    std::fill(std::begin(mmu_.pte_cache), std::end(mmu_.pte_cache), pte_cache_entry_t{~0ull, 0});
}

void Hart::forget_pte(std::uint64_t address) {
    pte_cache_entry_t& entry = mmu_.pte_cache[address % mmu_t::PTE_CACHE_ENTRIES];
    if (entry.paddr == address) entry.paddr = ~0ull;
}

std::optional<std::uint64_t> Hart::held(std::uint64_t vaddr, access_type type) const {
    if (type != FETCH && mmu_.in_mprv()) return std::nullopt;
    const dtlb_entry_t* tlb = type == FETCH   ? mmu_.tlb_insn
                              : type == STORE ? mmu_.tlb_store
                                              : mmu_.tlb_load;
    const auto [hit, host, paddr] = mmu_.access_tlb(tlb, vaddr, mmu_t::TLB_FLAGS);
    return hit ? std::optional(paddr) : std::nullopt;
}

bool Hart::holds_insn(std::uint64_t pc, std::uint64_t insn) const {
    icache_entry_t& entry = mmu_.icache[mmu_.icache_index(pc)];
    return entry.tag == pc && (entry.data.insn.bits() & 0xffff'ffff) == insn;
}

std::optional<Hart::Leaf> Hart::leaf_of(std::uint64_t vaddr) {
    std::uint64_t table = root();
    for (unsigned level = 3; level-- > 0;) {
        const std::uint64_t address = table + (vaddr >> (PGSHIFT + 9 * level) & 0x1ff) * 8;
        forget_pte(address);
        const std::uint64_t pte = world_.read64(address);
        if (!(pte & PTE_V)) break;
        if (pte & (PTE_R | PTE_X)) return Leaf{pte, level};
        table = (pte & PTE_PPN_FIELD) >> PTE_PPN_SHIFT << PGSHIFT;
    }
    return std::nullopt;
}

bool Hart::translates(std::uint64_t vaddr, access_type type) {
    forget_translations();
    world_.set_read_only(true);
    bool result = true;
    try {
        mmu_.translate(mmu_.generate_access_info(vaddr, type, {}), 1);
    } catch (trap_t&) {
        result = false;
    }
    world_.set_read_only(false);
    forget_translations();
    return result;
}

std::optional<Access> Hart::access_of(insn_t insn) const {
    constexpr unsigned kLoad = 0x03, kStore = 0x23, kAtomic = 0x2f;
    const auto at = [&](std::uint64_t base, std::int64_t offset, unsigned log2, bool store) {
        return Access{state_.XPR[base] + static_cast<std::uint64_t>(offset), 1ull << log2, store};
    };
    const auto funct3 = static_cast<unsigned>(insn.funct3());
    switch (insn.opcode()) {
        case kLoad:
            return at(insn.rs1(), insn.i_imm(), funct3 & 3, false);
        case kStore:
            return at(insn.rs1(), insn.s_imm(), funct3 & 3, true);
        case kAtomic:
            return at(insn.rs1(), 0, funct3 & 3, insn.funct7() >> 2 != 0b00010);
        default:
            break;
    }
    // Quadrant and funct3 of the compressed ones.
    switch ((insn.bits() & 3) << 3 | (insn.bits() >> 13 & 7)) {
        case 0b00'010:
            return at(insn.rvc_rs1s(), insn.rvc_lw_imm(), 2, false);
        case 0b00'011:
            return at(insn.rvc_rs1s(), insn.rvc_ld_imm(), 3, false);
        case 0b00'110:
            return at(insn.rvc_rs1s(), insn.rvc_lw_imm(), 2, true);
        case 0b00'111:
            return at(insn.rvc_rs1s(), insn.rvc_ld_imm(), 3, true);
        case 0b10'010:
            return at(X_SP, insn.rvc_lwsp_imm(), 2, false);
        case 0b10'011:
            return at(X_SP, insn.rvc_ldsp_imm(), 3, false);
        case 0b10'110:
            return at(X_SP, insn.rvc_swsp_imm(), 2, true);
        case 0b10'111:
            return at(X_SP, insn.rvc_sdsp_imm(), 3, true);
        default:
            return std::nullopt;
    }
}

}  // namespace golden
