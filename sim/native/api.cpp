#include "api.hpp"

#include <cstring>
#include <memory>

#include "machine.hpp"
#include "refusal.hpp"
#include "results.hpp"

namespace dynstack {
namespace {

Model* model = nullptr;
std::unique_ptr<Machine> machine;
std::string last_error;

// Runs an action and returns what it refused, or an empty string.
const char* sentence_of(const auto& action) {
    last_error.clear();
    try {
        action();
    } catch (const Refusal& refusal) {
        last_error = refusal.what();
    }
    return last_error.c_str();
}

}  // namespace

void bind_api(Model& top) { model = &top; }

Machine* current_machine() { return machine.get(); }

}  // namespace dynstack

// sim/cocotb_machine.py declares the same functions for ctypes. All but dynstack_boot need a job
// that was booted; strings belong to the callee and live until the next call.
extern "C" {

using dynstack::machine;

// Replaces the machine by that of a job file. Returns "" or why the job is unusable.
const char* dynstack_boot(const char* job_file, int console_descriptor, const char* progress_file) {
    return dynstack::sentence_of([&] {
        machine.reset();
        machine = std::make_unique<dynstack::Machine>(
            *dynstack::model, dynstack::read_job(job_file), console_descriptor, progress_file);
    });
}

// Ends the run and writes its results. Returns "" or what could not be written.
const char* dynstack_finish(const char* directory) {
    return dynstack::sentence_of([&] {
        machine->end_of_run();
        dynstack::write_results(*machine, directory);
    });
}

int dynstack_stop() { return static_cast<int>(machine->stop()); }
std::uint64_t dynstack_code() { return machine->code(); }
const char* dynstack_sentence() { return machine->sentence().c_str(); }
std::uint64_t dynstack_cycle() { return machine->collector().cycle(); }
const char* dynstack_console() { return machine->console().text().c_str(); }

void dynstack_add_breakpoint(std::uint64_t pc) { machine->add_breakpoint(pc); }
void dynstack_remove_breakpoint(std::uint64_t pc) { machine->remove_breakpoint(pc); }
void dynstack_set_cycle_limit(std::uint64_t cycles) { machine->set_cycle_limit(cycles); }

std::uint64_t dynstack_last_pc(unsigned hart) {
    return machine->collector().harts().at(hart).last_pc;
}
std::uint64_t dynstack_register(unsigned hart, unsigned number) {
    return machine->collector().harts().at(hart).registers.at(number);
}

// Copies memory as the performed stores left it; 0 where the range is not in DRAM.
int dynstack_read(std::uint64_t address, void* to, std::uint64_t length) {
    if (!machine->shadow().contains(address, length)) return 0;
    std::memcpy(to, machine->shadow().view(address, length).data(), length);
    return 1;
}

// Queues a coherent 64-bit store, performed while the clock runs; 0 where that is impossible.
int dynstack_host_store(std::uint64_t address, std::uint64_t value) {
    if (address % 8 != 0 || !machine->shadow().contains(address, 8)) return 0;
    machine->host_store(address, value);
    return 1;
}

}  // extern "C"
