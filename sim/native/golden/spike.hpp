#pragma once

// Spike's headers, which include each other and are not free of warnings. Compiled without access
// control (sim/golden.py): taking a trap, and the TLB that holds the physical address of an access,
// are private members there.

#include <riscv/cfg.h>
#include <riscv/disasm.h>
#include <riscv/mmu.h>
#include <riscv/processor.h>
#include <riscv/simif.h>
#include <riscv/trap.h>

// Spike throws it in `wfi`; the header that declares it is not installed.
class wait_for_interrupt_t {};
