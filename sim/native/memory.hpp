#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "elf_loader.hpp"

namespace dynstack {

// Physical memory: zero until written, backed by anonymous pages that cost nothing until touched.
class Memory {
  public:
    // Throws Refusal unless every segment lies inside and no two overlap.
    Memory(std::uint64_t base, std::uint64_t bytes, const std::vector<Segment>& contents);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    std::uint64_t base() const { return base_; }
    std::uint64_t bytes() const { return bytes_; }

    bool contains(std::uint64_t address, std::uint64_t length) const {
        return length <= bytes_ && address >= base_ && address - base_ <= bytes_ - length;
    }

    // The callers below have checked contains().
    std::uint64_t read64(std::uint64_t address) const {
        std::uint64_t value;
        std::memcpy(&value, storage_ + (address - base_), sizeof value);
        return value;
    }
    void write64(std::uint64_t address, std::uint64_t value) { write(address, &value, 8); }
    void write(std::uint64_t address, const void* from, std::uint64_t length) {
        std::memcpy(storage_ + (address - base_), from, length);
    }
    std::span<const std::uint8_t> view(std::uint64_t address, std::uint64_t length) const {
        return {storage_ + (address - base_), length};
    }

  private:
    std::uint64_t base_;
    std::uint64_t bytes_;
    std::uint8_t* storage_;
};

}  // namespace dynstack
