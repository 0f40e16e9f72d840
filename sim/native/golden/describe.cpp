#include "describe.hpp"

#include "text.hpp"

namespace golden {

namespace {

using dynstack::text;
using ull = unsigned long long;

const char* mode(std::uint64_t privilege) {
    constexpr const char* kModes[] = {"U", "S", "?", "M"};
    return kModes[privilege & 3];
}

std::string trap_text(std::uint64_t cause, std::uint64_t tval) {
    const bool interrupt = cause >> 63;
    return text(" %s %llu tval %#llx", interrupt ? "interrupt" : "trap",
                static_cast<ull>(cause & ~(1ull << 63)), static_cast<ull>(tval));
}

std::string head(std::uint64_t cycle, std::uint64_t privilege, std::uint64_t pc, std::uint64_t insn,
                 const std::string& name) {
    return text("cycle %llu %s %016llx (%08llx) %-28s", static_cast<ull>(cycle), mode(privilege),
                static_cast<ull>(pc), static_cast<ull>(insn), name.c_str());
}

std::string rd_text(std::uint64_t rd, std::uint64_t value) {
    return rd ? text(" x%llu=%#llx", static_cast<ull>(rd), static_cast<ull>(value)) : "";
}

std::string memory_text(bool read, bool write, std::uint64_t vaddr, std::uint64_t paddr,
                        std::uint64_t bytes, std::uint64_t value) {
    if (!read && !write) return "";
    std::string result =
        text(" %s%s[%#llx -> %#llx, %llu]", read ? "r" : "", write ? "w" : "",
             static_cast<ull>(vaddr), static_cast<ull>(paddr), static_cast<ull>(bytes));
    if (write) result += text("=%#llx", static_cast<ull>(value));
    return result;
}

}  // namespace

std::string difference(const char* what, std::uint64_t rtl, std::uint64_t spike) {
    return text("%s: RTL %#llx, Spike %#llx", what, static_cast<ull>(rtl), static_cast<ull>(spike));
}

std::string text_of(const GoldenRecord& record, const std::string& name) {
    const bool interrupt = record.trap && record.cause >> 63;
    std::string result = head(record.cycle, record.privilege, record.pc,
                              interrupt ? 0 : record.insn, interrupt ? "" : name);
    if (record.trap) return result + trap_text(record.cause, record.tval);
    if (record.rd_valid) result += rd_text(record.rd, record.rd_data);
    return result + memory_text(record.mem_read, record.mem_write, record.mem_vaddr,
                                record.mem_paddr, 1ull << record.mem_size, record.mem_wdata);
}

std::string text_of(const Outcome& outcome, std::uint64_t cycle, const std::string& name) {
    std::string result = head(cycle, outcome.privilege, outcome.pc, outcome.insn.value_or(0), name);
    if (outcome.trap) return result + trap_text(outcome.cause, outcome.tval);
    return result + rd_text(outcome.rd, outcome.rd_data) +
           memory_text(outcome.mem_read, outcome.mem_write, outcome.mem_vaddr, outcome.mem_paddr,
                       outcome.mem_bytes, outcome.mem_wdata);
}

}  // namespace golden
