#include "elf_loader.hpp"

#include <elf.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {
namespace {

using ull = unsigned long long;

std::vector<std::uint8_t> read_file(const std::string& path) {
    constexpr std::size_t kStep = 1 << 20;
    std::vector<std::uint8_t> bytes;
    errno = 0;
    std::FILE* file = std::fopen(path.c_str(), "rb");
    for (std::size_t got = kStep; file != nullptr && got == kStep;) {
        bytes.resize(bytes.size() + kStep);
        got = std::fread(bytes.data() + bytes.size() - kStep, 1, kStep, file);
        bytes.resize(bytes.size() - kStep + got);
    }
    const int error = errno;  // a directory opens, and fails when it is read
    if (file != nullptr) std::fclose(file);
    if (error != 0) {
        throw Refusal(text("%s cannot be read: %s", path.c_str(), std::strerror(error)));
    }
    return bytes;
}

Elf64_Ehdr read_header(const std::string& path, const std::vector<std::uint8_t>& file) {
    const char* name = path.c_str();
    if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0) {
        throw Refusal(text("%s is not an ELF file", name));
    }
    if (file.size() < EI_NIDENT) {
        throw Refusal(text("%s is truncated: it ends inside the ELF header", name));
    }
    if (file[EI_CLASS] != ELFCLASS64) {
        throw Refusal(text("%s is not a 64-bit ELF file, and the harts are RV64", name));
    }
    if (file[EI_DATA] != ELFDATA2LSB) {
        throw Refusal(text("%s is not little-endian", name));
    }
    Elf64_Ehdr header;
    if (file.size() < sizeof header) {
        throw Refusal(text("%s is truncated: it ends inside the ELF header", name));
    }
    std::memcpy(&header, file.data(), sizeof header);
    if (header.e_machine != EM_RISCV) {
        throw Refusal(text("%s is for ELF machine %u, not for RISC-V (%u)", name, header.e_machine,
                           EM_RISCV));
    }
    if (header.e_type != ET_EXEC) {
        throw Refusal(
            text("%s is not an executable (ELF type %u): link it without -r, -shared and "
                 "-pie",
                 name, header.e_type));
    }
    return header;
}

}  // namespace

Image read_elf(const std::string& path) {
    const std::vector<std::uint8_t> file = read_file(path);
    const Elf64_Ehdr header = read_header(path, file);
    const char* name = path.c_str();
    const std::uint64_t table_bytes = std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
    if (header.e_phnum != 0 && header.e_phentsize != sizeof(Elf64_Phdr)) {
        throw Refusal(text("%s has program headers of %u bytes; ELF64 has %zu", name,
                           header.e_phentsize, sizeof(Elf64_Phdr)));
    }
    if (header.e_phoff > file.size() || table_bytes > file.size() - header.e_phoff) {
        throw Refusal(text("%s is truncated: it ends before its program headers do", name));
    }
    std::vector<Segment> segments;
    for (unsigned index = 0; index < header.e_phnum; ++index) {
        Elf64_Phdr segment;
        std::memcpy(&segment, file.data() + header.e_phoff + index * sizeof segment,
                    sizeof segment);
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
        if (segment.p_offset > file.size() || segment.p_filesz > file.size() - segment.p_offset) {
            throw Refusal(
                text("%s is truncated: segment %u has %llu bytes from offset %llu, and "
                     "the file ends at %zu",
                     name, index, static_cast<ull>(segment.p_filesz),
                     static_cast<ull>(segment.p_offset), file.size()));
        }
        if (segment.p_filesz > segment.p_memsz) {
            throw Refusal(text("%s is damaged: segment %u is larger in the file than in memory",
                               name, index));
        }
        const auto first = file.begin() + static_cast<std::ptrdiff_t>(segment.p_offset);
        const auto last = first + static_cast<std::ptrdiff_t>(segment.p_filesz);
        segments.push_back({segment.p_paddr,
                            segment.p_memsz,
                            {first, last},
                            text("segment %u of %s", index, name)});
    }
    if (segments.empty()) throw Refusal(text("%s has no loadable segment", name));
    return {std::move(segments), header.e_entry};
}

void check_entry(const Image& image, const std::string& path) {
    constexpr std::uint64_t kInstructionBytes = 2;  // with C
    const bool inside = std::ranges::any_of(image.segments, [&](const Segment& segment) {
        return image.entry >= segment.address && image.entry - segment.address < segment.length;
    });
    if (!inside || image.entry % kInstructionBytes != 0) {
        throw Refusal(
            text("%s has its entry point at %#llx: the harts start there without translation, so "
                 "it must be the physical address of an instruction in one of its segments",
                 path.c_str(), static_cast<ull>(image.entry)));
    }
}

Segment read_blob(const std::string& path, std::uint64_t address) {
    std::vector<std::uint8_t> bytes = read_file(path);
    const std::uint64_t length = bytes.size();
    return {address, length, std::move(bytes), path};
}

void check_placement(const std::vector<Segment>& segments, std::uint64_t base,
                     std::uint64_t bytes) {
    std::vector<const Segment*> sorted;
    for (const Segment& segment : segments) {
        const bool inside = segment.address >= base && segment.length <= bytes &&
                            segment.address - base <= bytes - segment.length;
        if (!inside) {
            throw Refusal(text("%s wants %llu bytes at %#llx, outside DRAM (%#llx to %#llx)",
                               segment.origin.c_str(), static_cast<ull>(segment.length),
                               static_cast<ull>(segment.address), static_cast<ull>(base),
                               static_cast<ull>(base + bytes - 1)));
        }
        sorted.push_back(&segment);
    }
    std::ranges::sort(sorted, {}, &Segment::address);
    for (std::size_t index = 1; index < sorted.size(); ++index) {
        const Segment& low = *sorted[index - 1];
        const Segment& high = *sorted[index];
        if (high.address - low.address < low.length) {
            throw Refusal(text("%s and %s overlap at %#llx", low.origin.c_str(),
                               high.origin.c_str(), static_cast<ull>(high.address)));
        }
    }
}

}  // namespace dynstack
