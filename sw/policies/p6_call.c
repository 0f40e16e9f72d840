// P6-call: a probe in every function, before it uses its frame. The compiler has no inline probe
// for RISC-V: it calls one at the entry of each function that it has not inlined, which costs a
// leaf its return address on the stack, too. So the figures are an upper bound.
//
// The probe is short, for functions of a call that is 15 KiB deep run near the end of the stack.
// The firmware's functions are probed as well, on its own stacks.
//
// compile-flags: -finstrument-function-entry-bare
#include "policies/p6.h"

#ifdef __ASSEMBLER__
// clang-format off

#define PROBE_CALL 256

.macro probe_and_stack_out_of_line
    .globl __cyg_profile_func_enter_bare
__cyg_profile_func_enter_bare:
    addi sp, sp, -PROBE_CALL
    ld zero, 0(sp)
    addi sp, sp, PROBE_CALL
    ret
    policy_entry_out_of_line
.endm
#undef POLICY_ENTRY_OUT_OF_LINE
#define POLICY_ENTRY_OUT_OF_LINE probe_and_stack_out_of_line

// clang-format on
#endif
