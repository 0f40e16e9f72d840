// Runs Rocket's Verilog of LiteX (class `Vrocket`) for so many cycles, with memory in C++ and a
// loop like that of sim/native/machine.cpp, and prints what the program wrote to the terminal.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "Vrocket.h"
#include "axi_memory.hpp"
#include "verilated.h"

namespace {

using peers::AxiMemory;
using peers::Memory;

constexpr unsigned kResetCycles = 32;
// Where Rocket's own ROM jumps to, and the terminal of the program: what is written there comes
// after all harts have left the boot code.
constexpr std::uint64_t kDevices = 0x1000'0000;
constexpr std::uint64_t kDram = 0x8000'0000;
constexpr std::uint64_t kDramBytes = 1 << 24;

// li t0, 1; slli t0, t0, 31; jr t0
constexpr std::uint32_t kBoot[] = {0x00100293, 0x01f29293, 0x00028067};

// An AXI interface of the Verilated class; its data have 64 or 128 bits.
template <typename Data, typename Strobe, typename Address>
struct AxiPort {
    using Byte = CData;
    Byte& aw_ready;
    const Byte& aw_valid;
    const Byte& aw_id;
    const Address& aw_addr;
    const Byte &aw_len, &aw_size;
    Byte& w_ready;
    const Byte& w_valid;
    const Data& w_data;
    const Strobe& w_strb;
    const Byte& b_ready;
    Byte &b_valid, &b_id;
    Byte& ar_ready;
    const Byte& ar_valid;
    const Byte& ar_id;
    const Address& ar_addr;
    const Byte &ar_len, &ar_size;
    const Byte& r_ready;
    Byte &r_valid, &r_id;
    Data& r_data;
    Byte& r_last;
};

#define AXI_PORT(top, name)                                                                       \
    AxiPort<decltype(top.name##_r_bits_data), decltype(top.name##_w_bits_strb), IData> {          \
        top.name##_aw_ready, top.name##_aw_valid, top.name##_aw_bits_id, top.name##_aw_bits_addr, \
            top.name##_aw_bits_len, top.name##_aw_bits_size, top.name##_w_ready,                  \
            top.name##_w_valid, top.name##_w_bits_data, top.name##_w_bits_strb,                   \
            top.name##_b_ready, top.name##_b_valid, top.name##_b_bits_id, top.name##_ar_ready,    \
            top.name##_ar_valid, top.name##_ar_bits_id, top.name##_ar_bits_addr,                  \
            top.name##_ar_bits_len, top.name##_ar_bits_size, top.name##_r_ready,                  \
            top.name##_r_valid, top.name##_r_bits_id, top.name##_r_bits_data,                     \
            top.name##_r_bits_last                                                                \
    }

Memory dram(const char* file) {
    std::ifstream image(file, std::ios::binary);
    if (!image) throw std::runtime_error("cannot read the program");
    Memory memory{kDram, {std::istreambuf_iterator<char>(image), {}}};
    memory.bytes.resize(kDramBytes);
    return memory;
}

Memory boot_and_terminal() {
    Memory memory{kDevices, std::vector<std::uint8_t>(4096)};
    std::memcpy(memory.bytes.data(), kBoot, sizeof kBoot);
    return memory;
}

void run(const char* program, unsigned latency, std::uint64_t cycles) {
    Vrocket top;
    Memory memory = dram(program), devices = boot_and_terminal();
    auto mem = AxiMemory(AXI_PORT(top, mem_axi4_0), memory, latency);
    auto mmio = AxiMemory(AXI_PORT(top, mmio_axi4_0), devices, latency);
    std::string console;

    const auto tick = [&] {
        top.clock = 0;
        top.eval();
        mem.sample();
        if (mmio.sample()) [[unlikely]]
            console += static_cast<char>(devices.bytes[0]);
        top.clock = 1;
        top.eval();
        mem.drive();
        mmio.drive();
    };
    top.reset = 1;
    for (unsigned i = 0; i < kResetCycles; ++i) tick();
    top.reset = 0;
    for (std::uint64_t i = 0; i < cycles; ++i) tick();
    std::puts(console.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s PROGRAM LATENCY CYCLES\n", argv[0]);
        return 2;
    }
    try {
        run(argv[1], static_cast<unsigned>(std::atoi(argv[2])),
            std::strtoull(argv[3], nullptr, 10));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    return 0;
}
