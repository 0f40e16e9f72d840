#include "memory_order.hpp"

#include <algorithm>
#include <cstring>

#include "text.hpp"

namespace dynstack {

namespace {

using ull = unsigned long long;

constexpr std::size_t kRemembered = 1 << 16;

constexpr std::uint64_t kAccessed = 1 << 6, kDirty = 1 << 7;

// Major opcodes.
constexpr unsigned kFences = 0x0f, kSystems = 0x73, kAtomics = 0x2f;

unsigned opcode(std::uint32_t insn) { return insn & 0x7f; }

bool is_fence_i(std::uint32_t insn) { return opcode(insn) == kFences && (insn >> 12 & 7) == 1; }
bool is_lr(std::uint32_t insn) { return opcode(insn) == kAtomics && insn >> 27 == 0b00010; }
bool is_sc(std::uint32_t insn) { return opcode(insn) == kAtomics && insn >> 27 == 0b00011; }

// What waits for the store buffer to be empty, by docs/hart.md.
bool drains(std::uint32_t insn) {
    constexpr unsigned kSfenceVma = 0b0001001, kSinvalVma = 0b0001011, kInvalFence = 0b0001100;
    constexpr unsigned kSatpNumber = 0x180;
    if (opcode(insn) == kFences || opcode(insn) == kAtomics) return true;
    if (opcode(insn) != kSystems) return false;
    if (insn >> 12 & 7) return insn >> 20 == kSatpNumber;
    const unsigned funct7 = insn >> 25;
    return funct7 == kSfenceVma || funct7 == kSinvalVma || funct7 == kInvalFence;
}

std::uint64_t low_bytes(std::uint64_t value, std::uint64_t bytes) {
    return bytes >= 8 ? value : value & ~(~0ull << 8 * bytes);
}

}  // namespace

MemoryOrder::MemoryOrder(const Memory& memory, unsigned harts, unsigned line_bytes, bool buffered)
    : memory_(memory),
      harts_(harts),
      line_bytes_(line_bytes),
      buffered_(buffered),
      written_(kRemembered) {}

void MemoryOrder::violate(std::string sentence) {
    if (violation_.empty()) violation_ = std::move(sentence);
}

std::string MemoryOrder::writer_of(std::uint64_t address) const {
    const std::uint64_t oldest = stores_ > kRemembered ? stores_ - kRemembered : 0;
    for (std::uint64_t number = stores_; number-- > oldest;) {
        const Written& store = written_[number % kRemembered];
        if (store.address != (address & ~7ull)) continue;
        const std::string who = store.hart == kNobody ? "the host" : text("hart %u", store.hart);
        return text("last written by %s in cycle %llu (pc %#llx), %#llx before", who.c_str(),
                    static_cast<ull>(store.time), static_cast<ull>(store.pc),
                    static_cast<ull>(store.before));
    }
    return "not written lately";
}

void MemoryOrder::expect(unsigned hart, const Store& store, unsigned writer) {
    harts_[hart].expected = store;
    harts_[hart].writer = writer;
}

// A store that memory has from the end of this cycle on.
void MemoryOrder::note(unsigned hart, const Store& store) {
    const std::uint64_t word = store.address & ~7ull;
    written_[stores_++ % kRemembered] = {time_, word, memory_.read64(word), store.pc, hart};
    const std::uint64_t line = store.address / line_bytes_;
    for (unsigned other = 0; other < harts_.size(); ++other) {
        if (other != hart && harts_[other].reserved_line == line) {
            harts_[other].reserved_line = kNever;
        }
    }
}

// Memory, and over it the stores that wait in the hart's own buffer.
std::uint64_t MemoryOrder::seen_by(const HartState& hart, std::uint64_t address,
                                   std::uint64_t bytes) const {
    std::uint8_t value[8] = {};
    std::memcpy(value, memory_.view(address, bytes).data(), bytes);
    for (const Store& store : hart.buffer) {
        const std::uint64_t first = std::max(address, store.address);
        const std::uint64_t end = std::min(address + bytes, store.address + store.bytes);
        for (std::uint64_t byte = first; byte < end; ++byte) {
            value[byte - address] =
                static_cast<std::uint8_t>(store.value >> 8 * (byte - store.address));
        }
    }
    std::uint64_t result;
    std::memcpy(&result, value, sizeof result);
    return result;
}

void MemoryOrder::check_read(unsigned hart, const char* what, std::uint64_t address,
                             std::uint64_t bytes, std::uint64_t value, std::uint64_t expected) {
    if (low_bytes(value, bytes) == low_bytes(expected, bytes)) [[likely]]
        return;
    violate(
        text("%s of hart %u in cycle %llu got %#llx from the %llu bytes at %#llx, which held "
             "%#llx: %s",
             what, hart, static_cast<ull>(time_), static_cast<ull>(low_bytes(value, bytes)),
             static_cast<ull>(bytes), static_cast<ull>(address),
             static_cast<ull>(low_bytes(expected, bytes)), writer_of(address).c_str()));
}

void MemoryOrder::check_empty(unsigned hart, const char* what) {
    const HartState& state = harts_[hart];
    if (state.buffer.empty()) [[likely]]
        return;
    violate(
        text("%s of hart %u is complete in cycle %llu while a store to %#llx (pc %#llx) is still "
             "in its store buffer",
             what, hart, static_cast<ull>(time_), static_cast<ull>(state.buffer.front().address),
             static_cast<ull>(state.buffer.front().pc)));
}

// Whether memory has held these two bytes here at some time from `since` on.
bool MemoryOrder::fetchable(std::uint64_t address, std::uint16_t parcel,
                            std::uint64_t since) const {
    const unsigned shift = 8 * (address % 8);
    const std::uint64_t word = address & ~7ull;
    if (static_cast<std::uint16_t>(memory_.read64(word) >> shift) == parcel) return true;
    const std::uint64_t oldest = stores_ > kRemembered ? stores_ - kRemembered : 0;
    for (std::uint64_t number = stores_; number-- > oldest;) {
        const Written& store = written_[number % kRemembered];
        if (store.time < since) return false;
        if (store.address == word && static_cast<std::uint16_t>(store.before >> shift) == parcel) {
            return true;
        }
    }
    return oldest > 0;  // it was too long ago to say
}

void MemoryOrder::check_fetch(unsigned hart, const AccessRecord& record) {
    constexpr std::uint64_t kPage = 4096;
    const std::uint64_t address = record.fetch_paddr;
    // How the second half was translated is not known where it is on another page.
    const bool whole = record.insn % 4 == 3 && address % kPage != kPage - 2;
    const std::uint64_t bytes = whole ? 4 : 2;
    if (!memory_.contains(address, bytes)) return;
    const std::uint32_t insn = record.insn;
    if (std::memcmp(memory_.view(address, bytes).data(), &insn, bytes) == 0) [[likely]]
        return;
    const std::uint64_t since = harts_[hart].fence_i;
    for (std::uint64_t at = 0; at < bytes; at += 2) {
        if (fetchable(address + at, static_cast<std::uint16_t>(insn >> 8 * at), since)) continue;
        violate(
            text("hart %u executes %#x at %#llx in cycle %llu, which memory has not held since "
                 "its fence.i in cycle %llu: %s",
                 hart, insn, static_cast<ull>(address), static_cast<ull>(time_),
                 static_cast<ull>(since), writer_of(address + at).c_str()));
    }
}

void MemoryOrder::retire(unsigned hart, const AccessRecord& record) {
    if (record.trap) return;
    HartState& state = harts_[hart];
    check_fetch(hart, record);
    const std::uint32_t insn = record.insn;
    // The flush is one cycle later than an access would have been.
    if (is_fence_i(insn)) state.fence_i = time_ + 1;
    if (buffered_ && drains(insn)) check_empty(hart, "a fence or an atomic access");
    if (!record.mem_read && !record.mem_write) {
        if (is_sc(insn)) state.reserved_line = kNever;
        return;
    }
    const std::uint64_t address = record.mem_paddr;
    const std::uint64_t bytes = 1ull << record.mem_size;
    if (!memory_.contains(address, bytes)) {
        if (buffered_) check_empty(hart, "an access to a device");
        return;
    }
    if (record.mem_read) {
        const char* what = record.mem_write ? "an AMO" : "a load";
        check_read(hart, what, address, bytes, record.mem_rdata, seen_by(state, address, bytes));
    }
    const std::uint64_t line = address / line_bytes_;
    if (is_lr(insn)) state.reserved_line = line;
    if (is_sc(insn)) {
        if (state.reserved_line != line) {
            violate(
                text("an SC of hart %u to %#llx succeeds in cycle %llu without a reservation: "
                     "%s",
                     hart, static_cast<ull>(address), static_cast<ull>(time_),
                     writer_of(address).c_str()));
        }
        state.reserved_line = kNever;
    }
    if (!record.mem_write) return;
    const Store store{address, bytes, record.mem_wdata, record.pc};
    if (buffered_ && opcode(insn) != kAtomics) {
        state.buffer.push_back(store);
    } else {
        expect(hart, store, hart);
    }
}

void MemoryOrder::walk(unsigned hart, const WalkRecord& read) {
    if (read.from_walk_cache || !memory_.contains(read.paddr, 8)) return;
    const char* what = read.write ? "an update of A and D" : "a walk";
    check_read(hart, what, read.paddr, 8, read.pte, memory_.read64(read.paddr));
    if (!read.write) return;
    const std::uint64_t changed = read.pte ^ read.wdata;
    if (changed & ~(kAccessed | kDirty) || changed & read.pte) {
        violate(text("the walker of hart %u made %#llx of the PTE %#llx at %#llx in cycle %llu",
                     hart, static_cast<ull>(read.wdata), static_cast<ull>(read.pte),
                     static_cast<ull>(read.paddr), static_cast<ull>(time_)));
    }
    // An SC would undo the update.
    expect(hart, {read.paddr, 8, read.wdata, 0}, kNobody);
}

void MemoryOrder::host_store(std::uint64_t address, std::uint64_t value) {
    expect(0, {address, 8, value, 0}, kNobody);
}

void MemoryOrder::write(unsigned hart, const StoreRecord& written) {
    HartState& state = harts_[hart];
    const std::uint64_t bytes = 1ull << written.size;
    const auto matches = [&](const Store& store) {
        return store.address == written.paddr && store.bytes == bytes &&
               low_bytes(store.value, bytes) == low_bytes(written.wdata, bytes);
    };
    if (state.expected && matches(*state.expected)) {
        note(state.writer, *state.expected);
        state.expected.reset();
    } else if (!state.expected && !state.buffer.empty() && matches(state.buffer.front())) {
        note(hart, state.buffer.front());
        state.buffer.pop_front();
    } else {
        violate(
            text("the D$ of hart %u writes %#llx to the %llu bytes at %#llx in cycle %llu, for "
                 "no store that is due",
                 hart, static_cast<ull>(low_bytes(written.wdata, bytes)), static_cast<ull>(bytes),
                 static_cast<ull>(written.paddr), static_cast<ull>(time_)));
    }
}

void MemoryOrder::end() {
    for (unsigned hart = 0; hart < harts_.size(); ++hart) {
        if (!harts_[hart].expected) [[likely]]
            continue;
        violate(
            text("a store of hart %u to %#llx is complete in cycle %llu, and its D$ has not "
                 "written it",
                 hart, static_cast<ull>(harts_[hart].expected->address), static_cast<ull>(time_)));
    }
}

}  // namespace dynstack
