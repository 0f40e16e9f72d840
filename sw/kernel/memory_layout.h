// Where things are. Physical memory, which the kernel maps one to one:
//
//   0x0010_0000  test finisher            M-mode only
//   0x0200_0000  ACLINT                   M-mode only
//   0x02f0_0000  SSWI: software interrupts for S-mode
//   0x1000_0000  UART                     M-mode only
//   0x8000_0000  SBI firmware             M-mode only, not mapped
//   0x8020_0000  kernel text and rodata   one global 2 MiB leaf, R X
//   0x8040_0000  kernel data              global 2 MiB leaves, R W, as all below
//   0x8080_0000  page pool
//   0x8600_0000  workload                 also mapped into every process, R U
//   0x8800_0000  end of DRAM
//
// Virtual memory, beside the identity map:
//
//   0x0000_0000_0001_0000  user text, shared by all processes
//   0x0000_0000_1000_0000  workload, read only
//   0x0000_0000_2000_0000  heap windows, one per thread
//   0xffff_ffc8_0000_0000  kernel stacks: 16 KiB each, aligned to 32 KiB, so that bit 14 of sp is
//                          clear inside of a stack and set in the unmapped 16 KiB below it
//   0xffff_ffc8_3fe0_0000  2 MiB of devices, the SSWI in their middle
#pragma once

#ifdef __ASSEMBLER__
#define UL(x) x
#else
#define UL(x) x##UL
#endif

#define NR_HARTS 8

#define PAGE_SHIFT 12
#define PAGE_SIZE UL(4096)
#define MEGAPAGE_SIZE UL(0x200000)

#define KERNEL_TEXT UL(0x80200000)
#define KERNEL_DATA UL(0x80400000)
#define POOL_BASE UL(0x80800000)
#define POOL_END UL(0x86000000)
#define WORKLOAD_BASE UL(0x86000000)
#define DRAM_END UL(0x88000000)

#define USER_TEXT UL(0x10000)
#define USER_WORKLOAD UL(0x10000000)
#define USER_HEAP UL(0x20000000)
#define USER_HEAP_SLOTS 64

#define THREAD_SHIFT 14
#define THREAD_SIZE (UL(1) << THREAD_SHIFT)
#define THREAD_PAGES 4
#define THREAD_ALIGN (2 * THREAD_SIZE)
#define KSTACK_BASE UL(0xffffffc800000000)
#define KSTACK_SLOTS 512

#define DEVICES UL(0x02e00000)
#define DEVICES_VA UL(0xffffffc83fe00000)
#define SSWI_VA UL(0xffffffc83ff00000)

#define HART_STACK_SIZE 4096
