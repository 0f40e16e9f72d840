// Runs the same model, machine and collector without cocotb, for comparison: `make bench`.

#include <cstdio>
#include <limits>

#include "machine.hpp"
#include "refusal.hpp"
#include "results.hpp"
#include "verilated.h"

namespace {

constexpr std::uint64_t kResetCycles = 8;  // as sim/cocotb_machine.py

void run(const char* job_file, const char* directory) {
    VerilatedContext context;
    dynstack::Model top{&context};
    dynstack::Machine machine(top, dynstack::read_job(job_file), -1, {});
    machine.set_straps();
    top.rst = 1;
    machine.run(kResetCycles);
    top.rst = 0;
    machine.run(std::numeric_limits<std::uint64_t>::max());
    machine.end_of_run();
    dynstack::write_results(machine, directory);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s JOB_FILE RESULT_DIRECTORY\n", argv[0]);
        return 2;
    }
    try {
        run(argv[1], argv[2]);
    } catch (const dynstack::Refusal& refusal) {
        std::fprintf(stderr, "%s\n", refusal.what());
        return 2;
    }
    return 0;
}
