#include "census.hpp"

#include <algorithm>

#include "text.hpp"

namespace dynstack {

namespace {

constexpr unsigned kU = 0, kS = 1, kM = 3;
constexpr unsigned kSystem = 0x73, kAtomic = 0x2f;
constexpr unsigned kSstatus = 0x100, kSatp = 0x180, kMstatus = 0x300;
constexpr std::uint64_t kMpp = 3ull << 11, kMprvBit = 1ull << 17;
constexpr std::uint64_t kSum = 1ull << 18, kMxr = 1ull << 19;
constexpr std::uint64_t kInterrupt = 1ull << 63;
// Bits of a PTE.
constexpr std::uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kUser_ = 16, kA = 64, kD = 128;

// The code of a program lies in the first MiBs of DRAM.
constexpr std::uint64_t kCounted = 8u << 20;

constexpr std::uint64_t kMret = 0x30200073, kSret = 0x10200073;

unsigned field(std::uint64_t insn, unsigned low, unsigned bits) {
    return static_cast<unsigned>(insn >> low & ((1u << bits) - 1));
}

}  // namespace

Census::Census(const Memory& shadow) : shadow_(shadow), executions_(kCounted / 2) {}

void Census::record(const RetirePorts& port) {
    if (pending_) finish(port.privilege);
    if (port.trap) {
        trap(port);
        return;
    }
    const std::uint64_t place = (port.fetch_paddr - shadow_.base()) / 2;
    if (place < executions_.size()) ++executions_[place];
    if (port.fetch_translated) count(kFetch, port.privilege, port.fetch_level, kOk);
    if (port.mem_read || port.mem_write) memory(port);
    if (field(port.insn, 0, 7) == kSystem) system(port);
    if (port.rd_valid) registers_[port.rd] = port.rd_data;
}

// A trap or return is over when the first record of the new mode comes.
void Census::finish(unsigned privilege) {
    const Pending& done = *pending_;
    if (done.is_return) {
        ++returns_[(done.by_sret * kModes + done.from) * kModes + privilege];
    } else {
        auto& table = done.cause & kInterrupt ? interrupts_ : exceptions_;
        ++table[(done.cause % kCodes * kModes + done.from) * kModes + privilege];
        if (privilege == kM) mstatus_ = (mstatus_ & ~kMpp) | std::uint64_t{done.from} << 11;
    }
    pending_.reset();
}

// Mode whose translation an access goes through, if there is one.
std::optional<unsigned> Census::translating(Access access, unsigned privilege) const {
    constexpr unsigned kSv39 = 8;
    if (satp_ >> 60 != kSv39) return std::nullopt;
    unsigned mode = privilege;
    if (privilege == kM && access != kFetch && mstatus_ & kMprvBit) mode = field(mstatus_, 11, 2);
    if (mode == kM) return std::nullopt;
    return mode;
}

void Census::count(Access access, unsigned privilege, unsigned level, Outcome outcome) {
    const View view = privilege == kU ? kUser : privilege == kS ? kSupervisor : kMprv;
    ++translations_[(((access * kViews + view) * kLevels + level) * kOutcomes + outcome) * kFences +
                    fence_];
}

void Census::memory(const RetirePorts& port) {
    if (!port.mem_translated) return;
    const Access access = port.mem_read && port.mem_write ? kAmo : port.mem_write ? kStore : kLoad;
    count(access, port.privilege, port.mem_level, kOk);
}

void Census::trap(const RetirePorts& port) {
    pending_ = Pending{false, port.cause, port.privilege, false};
    const bool atomic = field(port.insn, 0, 7) == kAtomic;
    Access access;
    switch (port.cause) {
        case 1:
        case 12:
            access = kFetch;
            break;
        case 5:
        case 13:
            access = kLoad;
            break;
        case 7:
        case 15:
            access = atomic && field(port.insn, 27, 5) != 3 ? kAmo : kStore;
            break;
        default:
            return;
    }
    const std::optional<unsigned> mode = translating(access, port.privilege);
    if (!mode) return;
    const Walk found = walk(port.tval, access, *mode);
    if (port.cause < 12) {
        count(access, port.privilege, found.level, kAccessFault);
    } else {
        count(access, port.privilege, found.level, kPageFault);
        if (found.reason < kReasons) {
            ++faults_[(found.reason * kAccesses + access) * kLevels + found.level];
        }
    }
}

void Census::system(const RetirePorts& port) {
    const unsigned funct3 = field(port.insn, 12, 3);
    if (funct3 != 0) {
        csr(port);
        return;
    }
    if (port.insn == kMret || port.insn == kSret) {
        const bool by_sret = port.insn == kSret;
        pending_ = Pending{true, 0, port.privilege, by_sret};
        if (by_sret || (mstatus_ & kMpp) != kMpp) mstatus_ &= ~kMprvBit;
        if (!by_sret) mstatus_ &= ~kMpp;
        return;
    }
    constexpr unsigned kSfence = 0x09, kSinval = 0x0b;
    const unsigned funct7 = field(port.insn, 25, 7);
    if (funct7 != kSfence && funct7 != kSinval) return;
    const unsigned form = (field(port.insn, 15, 5) ? 1 : 0) + (field(port.insn, 20, 5) ? 2 : 0);
    fence_ = funct7 == kSinval ? kSvinval : form;
    ++fences_[((funct7 == kSinval) * 4 + form) * kModes + port.privilege];
}

void Census::csr(const RetirePorts& port) {
    const unsigned funct3 = field(port.insn, 12, 3), address = field(port.insn, 20, 12);
    const unsigned source = field(port.insn, 15, 5);
    const bool writes = funct3 % 4 == 1 || source != 0;
    std::array<std::uint64_t, 2>& counts = csrs_[address];
    counts[0] += field(port.insn, 7, 5) != 0;
    counts[1] += writes;
    if (!writes) return;
    const std::uint64_t operand = funct3 >= 4 ? source : registers_[source];
    const auto written = [&](std::uint64_t old) {
        return funct3 % 4 == 1 ? operand : funct3 % 4 == 2 ? old | operand : old & ~operand;
    };
    if (address == kSatp) {
        const std::uint64_t value = written(satp_);
        if (value >> 60 == 0 || value >> 60 == 8) satp_ = value;
    }
    if (address == kMstatus || address == kSstatus) {
        const std::uint64_t mask = kSum | kMxr | (address == kMstatus ? kMpp | kMprvBit : 0);
        std::uint64_t value = written(mstatus_);
        if (field(value, 11, 2) == 2) value &= ~kMpp;
        mstatus_ = (mstatus_ & ~mask) | (value & mask);
    }
}

// The privileged specification's walk, over memory as the performed stores left it.
Census::Walk Census::walk(std::uint64_t vaddr, Access access, unsigned mode) const {
    const std::int64_t upper = static_cast<std::int64_t>(vaddr) >> 38;
    if (upper != 0 && upper != -1) return {kNonCanonical, 2};
    std::uint64_t table = (satp_ & 0xfff'ffff'ffff) << 12;
    for (unsigned level = 2;; --level) {
        const std::uint64_t address = table + (vaddr >> (12 + 9 * level) & 0x1ff) * 8;
        if (!shadow_.contains(address, 8)) return {kAbsentTable, level};
        const std::uint64_t pte = shadow_.read64(address);
        if (!(pte & kV)) return {kInvalid, level};
        if ((pte & (kR | kW)) == kW) return {kWriteOnly, level};
        if (pte >> 54) return {kReserved, level};
        if (!(pte & (kR | kX))) {
            if (level == 0) return {kNoLeaf, level};
            if (pte & (kA | kD | kUser_)) return {kPointerBits, level};
            table = (pte >> 10 & 0xfff'ffff'ffff) << 12;
            continue;
        }
        if ((pte >> 10) & ((1ull << 9 * level) - 1)) return {kMisaligned, level};
        const bool stores = access == kStore || access == kAmo;
        if (mode == kU && !(pte & kUser_)) return {kSupervisorPage, level};
        if (mode == kS && pte & kUser_ && (access == kFetch || !(mstatus_ & kSum)))
            return {kUserPage, level};
        if (access == kFetch && !(pte & kX)) return {kNoExecute, level};
        if (access == kLoad && !(pte & kR) && !(mstatus_ & kMxr && pte & kX))
            return {kNoRead, level};
        if (stores && !(pte & kW)) return {kNoWrite, level};
        if (!(pte & kA)) return {kNotAccessed, level};
        if (stores && !(pte & kD)) return {kNotDirty, level};
        return {kPermitted, level};
    }
}

std::string Census::json() const {
    const auto list = [](const auto& counts) {
        std::string result = "[";
        for (const std::uint64_t value : counts) {
            if (result.size() > 1) result += ',';
            result += std::to_string(value);
        }
        return result + "]";
    };
    std::string csrs = "{";
    for (const auto& [address, counts] : csrs_) {
        csrs += text("%s\"%u\": %s", csrs.size() > 1 ? ", " : "", address, list(counts).c_str());
    }
    const std::uint32_t most = *std::max_element(executions_.begin(), executions_.end());
    return "{\"translations\": " + list(translations_) + ", \"faults\": " + list(faults_) +
           ", \"exceptions\": " + list(exceptions_) + ", \"interrupts\": " + list(interrupts_) +
           ", \"fences\": " + list(fences_) + ", \"returns\": " + list(returns_) +
           ", \"csrs\": " + csrs + "}, \"most_executed\": " + std::to_string(most) + "}";
}

}  // namespace dynstack
