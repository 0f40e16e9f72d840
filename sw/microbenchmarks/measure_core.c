#include "harness.h"

u64 time_nothing(void), time_8_nops(void), time_24_csrr_independent(void);
u64 time_32_mul(u64, u64, u64), time_32_mulhu(u64, u64, u64), time_divu(u64, u64, u64);
u64 time_32_csrr_sscratch(void), time_32_csrw_sscratch(void), time_32_csrr_scause(void);
u64 time_32_csrs_sstatus(u64, u64, u64), time_32_csrr_sstatus(void), time_8_fence_i(void);
u64 time_empty_loop(u64, u64), time_8_calls(u64, u64), time_8_jumps(u64, u64);
u64 time_branch(u64, u64, u64, u64, u64), time_call_norvc(u64, u64);
u64 time_indirect_jump(u64, u64, u64), time_indirect_jump_norvc(u64, u64, u64);
u64 time_load(u64), time_64_loads(u64), time_store_fence(u64);
u64 time_32_amoswap(u64, u64, u64), time_amoadd(u64), time_lr(u64);

void baseline(void) {
    MEASURE("rdcycle-rdcycle", 1, time_nothing());
    MEASURE("rdcycle-8-nop-rdcycle", 1, time_8_nops());
}

void loads(void) {
    const u64 self = self_pointer(), word = self + 8;
    MEASURE("load-use-l1-hit-rdcycle-ld-addi-rdcycle", 1, time_load(self));
    MEASURE("dependent-ld-chain-x64-l1-hit", 64, time_64_loads(self));
    MEASURE("single-load-use-line-cold-evicted", 1, (evict(self), time_load(self)));
    MEASURE("store-fence-l1-hit", 1, (*(volatile u64*)word = 1, time_store_fence(word)));
    MEASURE("store-fence-cold", 1, (evict(self), time_store_fence(word)));
}

void core(void) {
    const u64 many_digits = 0x123456789abcdef1, odd = 0x9e3779b97f4a7c15, top = 1ul << 63;
    const u64 seed = 88172645463325252, sum = 1 << 18;
    MEASURE("mul-chain-x32", 32, time_32_mul(0, many_digits, odd));
    MEASURE("mulhu-chain-x32", 32, time_32_mulhu(0, ~0ul, odd));
    MEASURE("mul-chain-small-operands-x32", 32, time_32_mul(0, 1, 1));
    MEASURE("divu-1-1", 1, time_divu(0, 1, 1));
    MEASURE("divu-2-32-7", 1, time_divu(0, 1ul << 32, 7));
    MEASURE("divu-0-3", 1, time_divu(0, ~0ul, 3));
    MEASURE("divu-0-2-63", 1, time_divu(0, ~0ul, top));
    MEASURE("divu-x-0", 1, time_divu(0, 5, 0));
    MEASURE("csrr-sscratch-x32", 32, time_32_csrr_sscratch());
    MEASURE("csrw-sscratch-x32", 32, time_32_csrw_sscratch());
    MEASURE("csrr-sscratch-independent-x24", 24, time_24_csrr_independent());
    MEASURE("csrr-scause-x32", 32, time_32_csrr_scause());
    MEASURE("csrs-sstatus-sum-x32", 32, time_32_csrs_sstatus(0, 1, sum));
    MEASURE("csrr-sstatus-x32", 32, time_32_csrr_sstatus());
    MEASURE("fence-i-x8", 8, time_8_fence_i());
    MEASURE("empty-loop-x100", 100, time_empty_loop(0, 100));
    MEASURE("8x-jal-ret-loop-x10-80-call-ret", 80, time_8_calls(0, 10));
    MEASURE("8-chained-j-loop-x10-80-jumps", 80, time_8_jumps(0, 10));
    MEASURE("norvc-jal-ret-loop-x100", 100, time_call_norvc(0, 100));
    MEASURE("norvc-indirect-jr-7-insn-loop-same-target-x100", 100,
            time_indirect_jump_norvc(0, 100, 0));
    MEASURE("norvc-indirect-jr-alternating-x100", 100, time_indirect_jump_norvc(0, 100, 1));
    MEASURE("indirect-jr-same-target-x100", 100, time_indirect_jump(0, 100, 0));
    MEASURE("branch-loop-x200-never-taken-skip-bit-0", 200, time_branch(0, 200, seed, 0, 0));
    MEASURE("branch-loop-x200-always-taken", 200, time_branch(0, 200, seed, 0, 1));
}

void atomics(void) {
    const u64 self = self_pointer();
    MEASURE("amoswap-d-rd-x0-x32", 32, time_32_amoswap(self, 1, 2));
    MEASURE("single-amoadd-use-hit", 1, time_amoadd(self));
    MEASURE("single-lr-d-use-cold", 1, (evict(self), time_lr(self)));
}
