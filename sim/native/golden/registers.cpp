#include "registers.hpp"

#include <memory>

namespace golden {

void make_like_the_rtl(processor_t& processor, const GoldenConfig& config) {
    state_t& state = *processor.get_state();
    constexpr std::uint64_t kScontext = 0x5a8, kMcontext = 0x7a8, kMseccfg = 0x747;
    for (const std::uint64_t absent : {kScontext, kMcontext, kMseccfg}) state.csrmap.erase(absent);
    // Of the physical memory protection 16 entries can be addressed, not 64.
    constexpr std::uint64_t kAddressable = 16;
    for (std::uint64_t entry = kAddressable; entry < 64; ++entry) {
        state.csrmap.erase(CSR_PMPADDR0 + entry);
        state.csrmap.erase(CSR_PMPCFG0 + entry / 4);
    }
    // Spike starts with all memory open to all modes, for software that knows of no protection.
    if (config.pmp_entries != 0) {
        processor.put_csr(CSR_PMPCFG0, 0);
        processor.put_csr(CSR_PMPADDR0, 0);
    }

    const auto constant = [&](std::uint64_t address, std::uint64_t value) {
        state.csrmap[address] = std::make_shared<const_csr_t>(&processor, address, value);
    };
    constexpr std::uint64_t kNoTrigger = 1;
    constant(CSR_MISA, config.misa);  // writes have no effect
    constant(CSR_MARCHID, 0);
    constant(CSR_TINFO, kNoTrigger);

    // Fences here are as strong as FIOM asks for, but Sv39 demands that it can be written.
    const std::uint64_t adue = config.svadu ? MENVCFG_ADUE : 0;
    state.csrmap[CSR_MENVCFG] = state.menvcfg = std::make_shared<envcfg_csr_t>(
        &processor, CSR_MENVCFG, MENVCFG_FIOM | MENVCFG_STCE | adue, 0);
    state.csrmap[CSR_SENVCFG] = state.senvcfg =
        std::make_shared<masked_csr_t>(&processor, CSR_SENVCFG, SENVCFG_FIOM, 0);
    // Only exceptions that can occur below M-mode; Spike has those of other extensions too.
    constexpr std::uint64_t kDelegable = 0xb3fe;
    state.csrmap[CSR_MEDELEG] = state.medeleg =
        std::make_shared<masked_csr_t>(&processor, CSR_MEDELEG, kDelegable, 0);
    // What is read from it is the RTL's; Spike's own would not bear a second write uncounted.
    state.csrmap[CSR_MCYCLE] = std::make_shared<basic_csr_t>(&processor, CSR_MCYCLE, 0);
    constexpr std::uint64_t kCounting = 8, kSelector = 0xf;
    for (std::uint64_t index = 0; index < kCounting; ++index) {
        const std::uint64_t address = CSR_MHPMEVENT3 + index;
        state.csrmap[address] = std::make_shared<masked_csr_t>(&processor, address, kSelector, 0);
    }
}

}  // namespace golden
