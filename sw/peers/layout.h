// Address space of the program that times simulators.
#pragma once

#define MAX_HARTS 4
#define STACK_BYTES 4096

// where the pages lie that are mapped one by one: PAGES_PER_HART for each hart, then one for all.
#define DATA_VIRTUAL 0x40000000
#define PAGES_PER_HART 8
#define DATA_PAGES (MAX_HARTS * PAGES_PER_HART + 1)

#define PTE_V 0x01
#define PTE_DATA 0xc7    // V R W, A and D set
#define PTE_KERNEL 0xcf  // the same with X
