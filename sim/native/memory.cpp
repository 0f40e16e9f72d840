#include "memory.hpp"

#include <sys/mman.h>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {

Memory::Memory(std::uint64_t base, std::uint64_t bytes, const std::vector<Segment>& contents)
    : base_(base), bytes_(bytes) {
    check_placement(contents, base, bytes);
    void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
        throw Refusal(text("cannot map %llu MiB of memory for DRAM",
                           static_cast<unsigned long long>(bytes >> 20)));
    }
    storage_ = static_cast<std::uint8_t*>(mapped);
    for (const Segment& segment : contents) {
        write(segment.address, segment.bytes.data(), segment.bytes.size());
    }
}

Memory::~Memory() { munmap(storage_, bytes_); }

}  // namespace dynstack
