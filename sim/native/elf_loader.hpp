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

struct Image {
    std::vector<Segment> segments;
    std::uint64_t entry;
};

// Reads the loadable segments of a little-endian RV64 ELF file. Throws Refusal on anything else.
Image read_elf(const std::string& path);

// A file taken as it is.
Segment read_blob(const std::string& path, std::uint64_t address);

// Throws Refusal unless the harts can start at the image's entry point: an instruction's address
// inside one of its segments.
void check_entry(const Image& image, const std::string& path);

// Throws Refusal unless every segment lies in the range and no two overlap.
void check_placement(const std::vector<Segment>& segments, std::uint64_t base, std::uint64_t bytes);

}  // namespace dynstack
