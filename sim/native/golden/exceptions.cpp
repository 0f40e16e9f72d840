#include "exceptions.hpp"

#include "fields.hpp"

namespace golden {

namespace {

// What a load of these bytes of a word leaves in its register.
std::uint64_t loaded(std::uint64_t word, const GoldenRecord& record) {
    const unsigned bits = 8u << record.mem_size;
    const std::uint64_t value = word >> 8 * (record.mem_paddr % 8);
    if (bits == 64) return value;
    const std::uint64_t mask = (1ull << bits) - 1;
    const bool is_unsigned = record.insn % 4 == 3 && record.insn >> 14 & 1;
    const bool negative = !is_unsigned && value >> (bits - 1) & 1;
    return negative ? value | ~mask : value & mask;
}

}  // namespace

// Interrupt arrival, and what mip and sip show of it: the pins belong to devices, whose time is the
// RTL's. With Sstc the timer of S-mode is such a pin too.
std::uint64_t Exceptions::pins() const {
    const bool sstc = hart_.state().menvcfg->read() & MENVCFG_STCE;
    return MIP_MSIP | MIP_MTIP | MIP_MEIP | (sstc ? MIP_STIP : 0);
}

void Exceptions::before_csr(const GoldenRecord& record) {
    const std::uint64_t csr = csr_of(record.insn);
    pins_before_ = pins();
    if ((csr != CSR_MIP && csr != CSR_SIP) || !record.rd_valid) return;
    if (record.rd_data & MIP_SSIP) ssip_taken();
    const std::uint64_t seen = record.rd_data & pins();
    if (seen == 0) return;
    ++counts_[kPendingBits];
    hart_.state().mip->backdoor_write_with_mask(pins(), seen);
}

void Exceptions::ssip_taken() {
    mip_csr_t& mip = *hart_.state().mip;
    if (!ssip_sent_ || mip.read() & MIP_SSIP) return;
    ++counts_[kPendingBits];
    ssip_sent_ = false;
    mip.backdoor_write_with_mask(MIP_SSIP, MIP_SSIP);
}

void Exceptions::after_csr(const GoldenRecord& record, Outcome& outcome) {
    const std::uint64_t csr = csr_of(record.insn);
    mip_csr_t& mip = *hart_.state().mip;
    // What M-mode wrote to STIP comes back when the comparator is taken away again.
    if (pins() & ~pins_before_) written_stip_ = mip.read() & MIP_STIP;
    if (pins_before_ & ~pins()) mip.backdoor_write_with_mask(MIP_STIP, written_stip_);
    mip.backdoor_write_with_mask(pins(), 0);
    // Cycles, time and events are the RTL's own.
    if (is_timing_counter(csr) && outcome.rd != 0 && record.rd_valid && record.rd == outcome.rd) {
        ++counts_[kCounterRead];
        take_rd(record, outcome);
    }
}

// An SC may fail for reasons that only the RTL knows, and succeed anywhere in the reserved line;
// Spike reserves the bytes of the LR alone.
void Exceptions::before_sc(const GoldenRecord& record) {
    mmu_t& mmu = hart_.mmu();
    if (record.mem_write) {
        const std::uint64_t line = record.mem_paddr / config_.line_bytes;
        if (reserved_ == line) mmu.load_reservation_address = record.mem_paddr;
        return;
    }
    sc_vaddr_ = hart_.state().XPR[insn_t(record.insn).rs1()];
    sc_reservation_ = mmu.load_reservation_address;
    mmu.yield_load_reservation();
}

void Exceptions::after_sc(const GoldenRecord& record) {
    reserved_.reset();
    if (!record.mem_write && hart_.physical(sc_vaddr_, STORE) == sc_reservation_) {
        ++counts_[kScFailure];
    }
}

Guide Exceptions::before(const GoldenRecord& record) {
    Guide guide;
    if (config_.shared) {
        if (!record.trap && foreign_.loaded(record)) note_pte(record.mem_paddr & ~7ull);
        guide = foreign_.guide(record);
    }
    word_before_ = record.mem_write ? world_.read64(record.mem_paddr & ~7ull) : 0;
    if (record.trap) return guide;
    if (is_csr_instruction(record.insn)) before_csr(record);
    if (is_sc(record.insn)) before_sc(record);
    // The value of a device is what the RTL read: World::mmio_load.
    if (record.mem_read && world_.is_device(record.mem_paddr)) ++counts_[kDeviceLoad];
    return guide;
}

void Exceptions::after(const GoldenRecord& record, Outcome& outcome) {
    if (record.trap || outcome.trap) return;
    if (is_csr_instruction(record.insn)) after_csr(record, outcome);
    if (is_lr(record.insn)) reserved_ = outcome.mem_paddr / config_.line_bytes;
    if (is_sc(record.insn)) after_sc(record);
    if (is_full_fence(record.insn)) written_ptes_.clear();
    if (outcome.mem_write) note_store(outcome);
    if (outcome.mem_read && !outcome.mem_write) after_load(record, outcome);
}

void Exceptions::take_rd(const GoldenRecord& record, Outcome& outcome) {
    outcome.rd_data = record.rd_data;
    hart_.state().XPR.write(outcome.rd, record.rd_data);
}

void Exceptions::after_load(const GoldenRecord& record, Outcome& outcome) {
    if (record.rd_data == outcome.rd_data || record.rd != outcome.rd) return;
    const std::uint64_t address = outcome.mem_paddr & ~7ull;
    // The host's stores do not wait for the hart: a load that retires just after one may be older.
    for (const HostStore& store : host_stores_) {
        if (store.address == address && loaded(store.before, record) == record.rd_data) {
            ++counts_[kHostStore];
            take_rd(record, outcome);
            return;
        }
    }
    // With Svadu an access that never retires may set the A bit of a leaf.
    const std::uint64_t word = world_.read64(address);
    const bool leaf = (word & PTE_V) && (word & (PTE_R | PTE_X));
    if (config_.svadu && leaf && loaded(word | PTE_A, record) == record.rd_data) {
        ++counts_[kEarlyAccessed];
        const std::uint64_t accessed = word | PTE_A;
        world_.write(address, &accessed, sizeof accessed);
        hart_.forget_translations();
        take_rd(record, outcome);
    }
}

void Exceptions::host_store(std::uint64_t address, std::uint64_t value) {
    constexpr std::size_t kRemembered = 16;
    host_stores_.push_back({address, world_.read64(address)});
    if (host_stores_.size() > kRemembered) host_stores_.pop_front();
    world_.write(address, &value, sizeof value);
    if (reserved_ == address / config_.line_bytes) reserved_.reset();
    hart_.forget_translations();
}

void Exceptions::walk(std::uint64_t address, std::uint64_t pte) {
    if (foreign_.walked(address, pte)) note_pte(address);
}

void Exceptions::note_store(const Outcome& outcome) {
    const std::uint64_t address = outcome.mem_paddr & ~7ull;
    if (world_.read64(address) != word_before_) note_pte(address);
}

void Exceptions::note_pte(std::uint64_t address) {
    if (world_.read64(address) & PTE_V) written_ptes_.insert(address);
}

// A PTE without V, or with too few rights, may be kept until a fence, and fault again although
// memory has another one by now; where the RTL keeps no such PTEs it may not.
bool Exceptions::stale_fault(const GoldenRecord& record) {
    // Of several harts' stores it may have seen the older one although another walk, or a load, has
    // shown the younger one by now.
    const bool may_be_old = config_.cache_invalid_ptes || config_.shared;
    if (!may_be_old || !record.trap || record.pc != hart_.state().pc) return false;
    bool granted = false;
    if (record.cause == CAUSE_FETCH_PAGE_FAULT) {
        granted = (record.tval == record.pc || record.tval == record.pc + 2) &&
                  hart_.translates(record.pc, FETCH) && hart_.translates(record.tval, FETCH);
    } else if (record.cause == CAUSE_LOAD_PAGE_FAULT || record.cause == CAUSE_STORE_PAGE_FAULT) {
        if (!hart_.translates(record.pc, FETCH)) return false;
        const bool store = record.cause == CAUSE_STORE_PAGE_FAULT;
        const std::optional<Access> access = hart_.access_of(insn_t(record.insn));
        granted = access && access->vaddr == record.tval && access->store == store &&
                  record.tval % access->bytes == 0 &&
                  hart_.translates(record.tval, store ? STORE : LOAD);
    }
    if (!granted || !walk_was_written(record.tval)) return false;
    ++counts_[kStaleFault];
    return true;
}

// Whether a PTE on the way to this address has been written since the last fence of everything.
bool Exceptions::walk_was_written(std::uint64_t vaddr) const {
    std::uint64_t table = (hart_.state().satp->read() & SATP64_PPN) << PGSHIFT;
    for (int level = 2; level >= 0; --level) {
        const std::uint64_t address = table + (vaddr >> (PGSHIFT + 9 * level) & 0x1ff) * 8;
        if (written_ptes_.contains(address)) return true;
        const std::uint64_t pte = world_.read64(address);
        if (!(pte & PTE_V) || pte & (PTE_R | PTE_X)) break;
        table = (pte & PTE_PPN_FIELD) >> PTE_PPN_SHIFT << PGSHIFT;
    }
    return false;
}

std::uint64_t Exceptions::count(unsigned kind) const {
    switch (kind) {
        case kForeignValue:
            return foreign_.counts().values;
        case kForeignInstruction:
            return foreign_.counts().instructions;
        case kForeignTranslation:
            return foreign_.counts().translations;
        default:
            return kind < kKinds ? counts_[kind] : 0;
    }
}

}  // namespace golden
