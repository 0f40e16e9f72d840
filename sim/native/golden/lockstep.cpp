#include "lockstep.hpp"

#include "describe.hpp"

namespace golden {

namespace {

constexpr std::uint64_t kInterruptBit = 1ull << 63;

bool is_fetch_fault(std::uint64_t cause) {
    return cause == CAUSE_FETCH_PAGE_FAULT || cause == CAUSE_FETCH_ACCESS;
}

std::uint64_t low_bytes(std::uint64_t value, std::uint64_t bytes) {
    return bytes >= 8 ? value : value & ~(~0ull << 8 * bytes);
}

}  // namespace

bool Lockstep::step(const GoldenRecord& record) {
    history_[records_++ % kHistory] = record;
    world_.set_record(record);
    outcome_ = run(record);
    compare(record);
    return differences_.empty();
}

Outcome Lockstep::run(const GoldenRecord& record) {
    if (record.trap && record.cause & kInterruptBit) {
        const std::uint64_t pin = 1ull << (record.cause & 63) & exceptions_.pins();
        if (pin) exceptions_.interrupt();
        if ((record.cause & 63) == IRQ_S_SOFT) exceptions_.ssip_taken();
        return hart_.interrupt(pin);
    }
    // Interrupts that software has raised are due at once: all that decides them are registers
    // that only instructions and traps change.
    if (hart_.due()) return hart_.interrupt(0);
    if (exceptions_.stale_fault(record)) return hart_.force(record.cause, record.tval);
    const Guide guide = exceptions_.before(record);
    Outcome outcome = hart_.execute(guide);
    exceptions_.after(record, outcome);
    return outcome;
}

void Lockstep::differ(const char* what, std::uint64_t rtl, std::uint64_t spike) {
    if (rtl != spike) differences_.push_back(difference(what, rtl, spike));
}

void Lockstep::compare(const GoldenRecord& record) {
    const Outcome& golden = outcome_;
    differ("pc", record.pc, golden.pc);
    differ("privilege", record.privilege, golden.privilege);
    differ("trap", record.trap, golden.trap);
    if (record.trap && golden.trap) {
        differ("cause", record.cause, golden.cause);
        differ("tval", record.tval, golden.tval);
    }
    const bool has_insn =
        !record.trap || !(record.cause & kInterruptBit || is_fetch_fault(record.cause));
    if (has_insn && golden.insn) differ("insn", record.insn, *golden.insn);
    if (record.trap || golden.trap) return;

    differ("rd", record.rd_valid ? record.rd : 0, golden.rd);
    if (record.rd_valid) differ("rd data", record.rd_data, golden.rd_data);
    differ("memory read", record.mem_read, golden.mem_read);
    differ("memory write", record.mem_write, golden.mem_write);
    if (!(golden.mem_read || golden.mem_write)) return;
    const std::uint64_t bytes = 1ull << record.mem_size;
    differ("bytes accessed", bytes, golden.mem_bytes);
    differ("virtual address", record.mem_vaddr, golden.mem_vaddr);
    differ("physical address", record.mem_paddr, golden.mem_paddr);
    if (golden.mem_write) {
        differ("memory data", low_bytes(record.mem_wdata, bytes),
               low_bytes(golden.mem_wdata, golden.mem_bytes));
    }
    if (golden.mem_read && golden.rd) differ("value read", record.mem_rdata, golden.rd_data);
}

std::string Lockstep::line(const GoldenRecord& record) const {
    return text_of(record, hart_.disassemble(record.insn));
}

std::string Lockstep::report() const {
    const GoldenRecord& last = history_[(records_ - 1) % kHistory];
    std::string text = "the RTL and Spike differ in";
    for (const std::string& difference : differences_) text += "\n  " + difference;
    text += "\nRTL:   " + line(last);
    const std::string name = outcome_.insn ? hart_.disassemble(*outcome_.insn) : std::string();
    text += "\nSpike: " + text_of(outcome_, last.cycle, name);
    return text + "\nlast records of the RTL, oldest first:" + history();
}

std::string Lockstep::history() const {
    std::string text;
    const std::uint64_t shown = records_ < kHistory ? records_ : kHistory;
    for (std::uint64_t index = records_ - shown; index < records_; ++index) {
        text += "\n  " + line(history_[index % kHistory]);
    }
    return text;
}

}  // namespace golden
