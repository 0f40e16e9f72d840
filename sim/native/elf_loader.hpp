#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dynstack {

// Bytes for a physical address; memory beyond `bytes`, up to `length`, is zero.
struct Segment {
    std::uint64_t address;
    std::uint64_t length;
    std::vector<std::uint8_t> bytes;
    std::string origin;  // for messages
};

// Reads the loadable segments of a little-endian RV64 ELF file whose entry point is `entry`.
// Throws Refusal on anything else.
std::vector<Segment> read_elf(const std::string& path, std::uint64_t entry);

// A file taken as it is.
Segment read_blob(const std::string& path, std::uint64_t address);

// Throws Refusal unless every segment lies in the range and no two overlap.
void check_placement(const std::vector<Segment>& segments, std::uint64_t base, std::uint64_t bytes);

}  // namespace dynstack
