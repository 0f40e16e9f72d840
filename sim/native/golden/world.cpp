#include "world.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace golden {

World::World(const GoldenConfig& config) : base_(config.dram_base), bytes_(config.dram_bytes) {
    config_.pmpregions = config.pmp_entries;
    config_.pmpgranularity = config.pmp_bytes;
    config_.trigger_count = 0;
    config_.hartids = {config.hart};
    void* mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    storage_ = static_cast<char*>(mapped);
}

World::~World() { munmap(storage_, bytes_); }

bool World::is_device(std::uint64_t address) const {
    return std::any_of(devices_.begin(), devices_.end(), [&](const Range& range) {
        return address >= range.base && address - range.base < range.bytes;
    });
}

void World::write(std::uint64_t address, const void* from, std::uint64_t length) {
    if (in_dram(address, length)) std::memcpy(storage_ + (address - base_), from, length);
}

std::uint64_t World::read64(std::uint64_t address) const {
    std::uint64_t value = 0;
    if (in_dram(address, 8)) std::memcpy(&value, storage_ + (address - base_), sizeof value);
    return value;
}

char* World::addr_to_mem(reg_t address) {
    if (length_ != 0) {
        if (char* entry = step_along_path(address)) return entry;
    }
    if (!in_dram(address, 1)) return nullptr;
    char* at = storage_ + (address - base_);
    if (!read_only_) return at;
    std::memcpy(&copy_, at, sizeof copy_);
    return reinterpret_cast<char*>(&copy_);
}

// The pages behind the root stand in for the other tables: Spike remembers each PTE that it reads
// by its address.
void World::lead(std::uint64_t root, const std::optional<Path>& path) {
    length_ = step_ = 0;
    if (!path) return;
    end_ = path->paddr;
    std::uint64_t table = root;
    for (unsigned level = kLevels; level-- > path->level; table += PGSIZE) {
        const std::uint64_t index = path->vaddr >> (PGSHIFT + 9 * level) & 0x1ff;
        const std::uint64_t pointer = (table + PGSIZE) >> PGSHIFT << PTE_PPN_SHIFT | PTE_V;
        entries_[length_++] = {table + 8 * index, level == path->level ? path->pte : pointer};
    }
}

// The entry that a walk reads next, or null for what no walk asks for: the page itself.
char* World::step_along_path(std::uint64_t address) {
    if (step_ == length_) {
        if (address == end_) return nullptr;
        step_ = 0;
    }
    if (address != entries_[step_].address) return nullptr;
    copy_ = entries_[step_++].value;
    return reinterpret_cast<char*>(&copy_);
}

// A device may refuse an access: then the RTL has a trap here, and Spike has to find the same one.
bool World::mmio_load(reg_t address, std::size_t length, std::uint8_t* bytes) {
    const bool answered = !record_->trap && record_->mem_read && record_->mem_paddr == address &&
                          1ull << record_->mem_size == length;
    if (!answered || !is_device(address)) return false;
    std::memcpy(bytes, &record_->mem_rdata, length);
    return true;
}

bool World::mmio_store(reg_t address, std::size_t length, const std::uint8_t*) {
    return !record_->trap && record_->mem_write && record_->mem_paddr == address &&
           1ull << record_->mem_size == length && is_device(address);
}

}  // namespace golden
