#pragma once

#include <cstdint>
#include <string>

#include "elf_loader.hpp"
#include "golden_abi.hpp"
#include "job.hpp"
#include "ports.hpp"

namespace dynstack {

// The golden model of a hart, in a job that runs in lockstep: loaded on demand, so that no other
// run needs it.
class GoldenModel {
  public:
    // Throws Refusal where the shared object cannot be loaded, or refuses the machine.
    GoldenModel(const Job& job, const Image& contents, unsigned hart);
    ~GoldenModel();
    GoldenModel(const GoldenModel&) = delete;
    GoldenModel& operator=(const GoldenModel&) = delete;

    // Executes what a record is about; returns whether both sides agree.
    bool step(const RetirePorts& port, std::uint64_t cycle);
    void host_store(std::uint64_t address, std::uint64_t value) {
        functions_.host_store(model_, address, value);
    }
    void walk(std::uint64_t address, std::uint64_t pte) { functions_.walk(model_, address, pte); }
    void set_ssip() { functions_.set_ssip(model_); }
    // How both sides differ, after a step() that said no.
    std::string report() const { return functions_.report(model_); }
    std::string history() const { return functions_.history(model_); }
    const char* exception_name(unsigned kind) const { return functions_.exception_name(kind); }
    std::uint64_t exception_count(unsigned kind) const {
        return functions_.exception_count(model_, kind);
    }

  private:
    GoldenFunctions functions_;
    Golden* model_;
};

}  // namespace dynstack
