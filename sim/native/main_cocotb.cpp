// Runs the model under cocotb.
//
// cocotb's own main returns to the VPI callbacks at every edge of the clock. Here the clock belongs
// to C++: while the top's input `run` is high, cycles pass in bursts up to the next VPI timer, or
// until the machine stops; then `run` falls and `attention` rises, which is what cocotb waits for.
// A callback for the next time step comes after a burst.

#include <algorithm>
#include <cstdint>

#include "api.hpp"
#include "machine.hpp"
#include "verilated.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#endif
#include "verilated_vpi.h"
#include "vpi_user.h"

extern "C" void vlog_startup_routines_bootstrap(void);

namespace {

using dynstack::Model;

constexpr std::uint64_t kCyclePs = 1000;
constexpr std::uint64_t kNever = ~0ull;

// A value-change callback may write a signal that another one waits for.
void call_value_callbacks() {
    while (VerilatedVpi::callValueCbs()) {
    }
}

void call_callbacks(std::uint32_t reason) {
    VerilatedVpi::callCbs(reason);
    call_value_callbacks();
}

// One time step: evaluate until no callback writes any more, then let the read-only ones look.
void settle(Model& top) {
    do {
        do {
            top.eval();
            VerilatedVpi::clearEvalNeeded();
            VerilatedVpi::doInertialPuts();
            call_value_callbacks();
        } while (VerilatedVpi::evalNeeded());
        VerilatedVpi::callCbs(cbReadWriteSynch);
        VerilatedVpi::doInertialPuts();
        call_value_callbacks();
    } while (VerilatedVpi::evalNeeded());
    VerilatedVpi::callCbs(cbReadOnlySynch);
}

// Lets the clock run for at most `cycles` cycles and returns for how many it did.
std::uint64_t burst(Model& top, std::uint64_t cycles) {
    top.attention = 0;
    call_value_callbacks();
    dynstack::Machine& machine = *dynstack::current_machine();
    const std::uint64_t done = machine.run(cycles);
    if (machine.stop() != dynstack::Stop::kNone) {
        top.run = 0;
        top.attention = 1;
    }
    return done;
}

void simulate(VerilatedContext& context, Model& top) {
    while (!context.gotFinish()) {
        settle(top);
        const std::uint64_t deadline = VerilatedVpi::cbNextDeadline();
        const std::uint64_t cycles =
            deadline == kNever ? kNever : (deadline - context.time()) / kCyclePs;
        if (top.run && cycles > 0 && dynstack::current_machine() != nullptr) {
            context.timeInc(burst(top, cycles) * kCyclePs);
        } else if (deadline != kNever) {
            context.time(deadline);
        } else {
            return;  // nothing will ever happen again
        }
        call_callbacks(cbNextSimTime);
        VerilatedVpi::callTimedCbs();
        call_value_callbacks();
    }
}

}  // namespace

int main(int argc, char** argv) {
    VerilatedContext& context = *Verilated::threadContextp();
    context.commandArgs(argc, argv);
    context.traceEverOn(VM_TRACE);
    context.fatalOnVpiError(false);  // cocotb probes for objects that are not there
    Model top{&context, ""};  // with a name of its own, VPI would not find the ports by theirs
    dynstack::bind_api(top);
    vlog_startup_routines_bootstrap();
    call_callbacks(cbStartOfSimulation);
    simulate(context, top);
    VerilatedVpi::callCbs(cbEndOfSimulation);
    top.final();
#if VM_COVERAGE
    VerilatedCov::write();  // to the file that an argument names
#endif
    return 0;
}
