// Runs litmus tests: many iterations of short threads, one on each hart, and what they saw.
//
// A file of tests defines HARTS (2, 4 or 8), includes this one, and has `litmus_table`: for each
// test the function of each hart's thread, and one that reads the locations and initialises them.
// The request says which tests run, for how long, and with which seed.
//
// Sixteen iterations make a batch, each with locations of its own. Nothing that is tested is
// needed to run it: harts meet through registers of the ACLINT, which no cache keeps, and start
// iterations at cycles that they have agreed on, from where delays by chance part them. Before an
// iteration a hart may touch a line that will be used, in a word that will not, or store to lines
// of its own, which drives others out.
//
// What an iteration tells is a byte from each hart and a byte for memory. A record of 32 bytes has
// those of a batch: sixteen bytes of the hart, up to eight for its share of the memory, and the OR
// of all values. Each hart writes its records to a stream of its own, which hart 0 gives to the
// host.

#define MTIMECMP    0x2004000
#define REQUEST     0x86000000          // words: cycles between iterations; then runs
#define RUN_BYTES   24                  // test, batches (0: no further run), seed
#define STREAMS     0x80800000
#define STREAM_BITS 21
#define RECORD      32
#define BATCH       16
#define START       560                 // cycles from a meeting to the next iteration's

// The thread may change a0 to a3 and t0 to t5; it ORs what it loads into SEEN.
#define X       s0
#define Y       s1
#define Z       s2
#define W       s3
#define STRIDE  s4                      // from a location to that of the next iteration
#define SEEN    s5
#define RANDOM  s6
#define BYTES   s7
#define THREAD  s8
#define MEMORY  s9
#define TARGET  s10                     // cycle of the next iteration
#define MET     s11                     // cycle in which the last hart came to the last meeting
#define HART    tp
#define RECORDS gp                      // where the next record goes
#define RUN     sp
#define LEFT    a4
#define TOUCH   a5                      // bits that lead from X to lines of the iteration
#define BITS    a6                      // what chance decides in an iteration: the lowest 13
#define PERIOD  a7
#define NUMBER  t6                      // of the batch

#define FACTOR  6364136223846793005     // of Knuth's MMIX generator
#define LAYOUTS 8

        .section .text.start, "ax"
        .globl  _start
_start:
        csrr    HART, mhartid
        li      MET, 0
        li      RUN, REQUEST
        ld      PERIOD, 0(RUN)
        addi    RUN, RUN, 8

run:
        ld      t0, 8(RUN)
        beqz    t0, end
        ld      t0, 0(RUN)
        li      t1, 8 * (HARTS + 1)
        mul     t0, t0, t1
        la      t1, litmus_table
        add     t0, t0, t1
        ld      MEMORY, 8 * HARTS(t0)
        slli    t1, HART, 3
        add     t0, t0, t1
        ld      THREAD, 0(t0)
        ld      RANDOM, 16(RUN)
        addi    t0, HART, 1
        li      t1, FACTOR
        mul     t0, t0, t1
        xor     RANDOM, RANDOM, t0
        li      RECORDS, STREAMS
        slli    t0, HART, STREAM_BITS
        add     RECORDS, RECORDS, t0

        li      NUMBER, LAYOUTS - 1     // initialise them all
1:      call    look_at_memory
        addi    NUMBER, NUMBER, -1
        bgez    NUMBER, 1b
        li      NUMBER, 0
        jal     t0, meet

batch:
        call    lay_out
        srli    t0, RANDOM, 58          // each hart begins up to 63 cycles later
        add     TARGET, MET, t0
        addi    TARGET, TARGET, START
        li      SEEN, 0
half:
        li      t0, FACTOR
        mul     RANDOM, RANDOM, t0
        addi    RANDOM, RANDOM, 1
        srli    BITS, RANDOM, 29        // its low bits are hardly random
        xor     BITS, BITS, RANDOM
        li      BYTES, 0
        li      LEFT, 8
        j       iteration
        .balign 64                      // the loop takes at most a line of each set of the I$
iteration:
        andi    t1, BITS, 7
        addi    t1, t1, -5
        bltz    t1, ready
        beqz    t1, 1f
        and     t2, BITS, TOUCH
        add     t2, t2, X
        addi    t1, t1, -1
        beqz    t1, 2f
        ld      zero, 8(t2)
        j       ready
1:      andi    t2, BITS, 0x1c0         // where records will be
        add     t2, t2, RECORDS
        sd      zero, 512(t2)
        j       ready
2:      sd      zero, 8(t2)

ready:
        srli    t0, BITS, 3
        andi    t0, t0, 7
1:      csrr    t1, mcycle
        blt     t1, TARGET, 1b
2:      addi    t0, t0, -1
        bgtz    t0, 2b
        jalr    THREAD
told:
        srli    BITS, BITS, 7
        slli    BYTES, BYTES, 8
        or      BYTES, BYTES, a0
        add     TARGET, TARGET, PERIOD
        add     X, X, STRIDE
        add     Y, Y, STRIDE
        add     Z, Z, STRIDE
        add     W, W, STRIDE
        addi    LEFT, LEFT, -1
        bnez    LEFT, iteration

        sd      BYTES, 0(RECORDS)
        addi    RECORDS, RECORDS, 8
        andi    t0, RECORDS, 8
        bnez    t0, half

        jal     t0, meet
        call    look_at_memory
        sd      BYTES, 0(RECORDS)
        sd      SEEN, 8(RECORDS)
        addi    RECORDS, RECORDS, 16
        addi    NUMBER, NUMBER, 1
        ld      t0, 8(RUN)
        bne     NUMBER, t0, batch

        jal     t0, meet
        bnez    HART, 2f
        li      s0, STREAMS             // all have met since the last record
        li      s1, HARTS
        li      t1, RECORD
        mul     s2, NUMBER, t1
1:      mv      a0, s0
        mv      a1, s2
        call    give
        li      t0, 1 << STREAM_BITS
        add     s0, s0, t0
        addi    s1, s1, -1
        bnez    s1, 1b
2:      addi    RUN, RUN, RUN_BYTES
        j       run

end:
        bnez    HART, 1f
        la      t0, tohost
        li      t1, 1
        sd      t1, 0(t0)
1:      j       1b

// Read the locations of this hart's share of the batch's iterations, and initialise them.
look_at_memory:
        mv      s10, ra                 // TARGET is of no use here
        call    lay_out
        li      t0, BATCH / HARTS
        mul     t0, t0, HART
        mul     t0, t0, STRIDE
        add     X, X, t0
        add     Y, Y, t0
        add     Z, Z, t0
        add     W, W, t0
        li      BYTES, 0
        li      LEFT, BATCH / HARTS
1:      jalr    MEMORY
        slli    BYTES, BYTES, 8
        or      BYTES, BYTES, a0
        add     X, X, STRIDE
        add     Y, Y, STRIDE
        add     Z, Z, STRIDE
        add     W, W, STRIDE
        addi    LEFT, LEFT, -1
        bnez    LEFT, 1b
        jr      s10

// Point to the locations of the batch's first iteration. Each hart looks at the memory of a batch
// while others may have begun the next: two batches in a row never have the same locations.
lay_out:
        andi    t0, NUMBER, LAYOUTS - 1
        slli    t0, t0, 5
        la      t1, layouts
        add     t0, t0, t1
        ld      X, 0(t0)
        ld      t1, 8(t0)
        ld      STRIDE, 16(t0)
        ld      TOUCH, 24(t0)
        add     Y, X, t1
        add     Z, Y, t1
        add     W, Z, t1
        ret

// Wait until all harts are here. Each writes the cycle in which it came into its mtimecmp, where
// later than the last meeting means that it has come; no timer interrupt is enabled. Called by
// `jal t0`.
meet:
        fence   rw, o
        li      t1, MTIMECMP
        slli    t2, HART, 3
        add     t2, t2, t1
        csrr    t3, mcycle
        sd      t3, 0(t2)
        addi    t4, t1, 8 * HARTS
1:      ld      t2, 0(t1)
        ble     t2, MET, 1b             // signed: it resets to -1
        bge     t3, t2, 2f
        mv      t3, t2
2:      addi    t1, t1, 8
        bne     t1, t4, 1b
        mv      MET, t3
        fence   i, rw
        jr      t0

// A hart that the test has no thread for keeps the lines of the others busy.
        .globl  litmus_bystander
litmus_bystander:
        ld      zero, 8(X)
        sd      zero, 8(Y)
        li      a0, 0
        ret

// Print a1 bytes at a0 by the host's system call.
give:
        la      t0, block
        li      t1, 64                  // write; the result of the last call is here
        sd      t1, 0(t0)
        li      t1, 1                   // standard output
        sd      t1, 8(t0)
        sd      a0, 16(t0)
        sd      a1, 24(t0)
        la      t1, tohost
        sd      t0, 0(t1)
        la      t1, fromhost
1:      ld      t0, 0(t1)
        beqz    t0, 1b
        sd      zero, 0(t1)
        ret

// Where x of the first iteration is; from a location to the next; from an iteration to the next;
// bits of TOUCH. A location has 16 bytes, of which the test uses the first 8.
        .section .rodata
        .balign 32
layouts:
#define LINES       0x80400000, 0x0140, 16, 0x0140  // a line for each location of four iterations
#define ONE_SET     0x80410000, 0x1000, 16, 0x1040  // the same, all in one set of any D$
#define ONE_LINE    0x80420000, 0x0010, 64, 0x0040  // one line for all locations
#define APART       0x80430000, 0x0440, 64, 0x0440  // a line for each location of each iteration
        .dword  LINES, ONE_SET, LINES, ONE_LINE, ONE_SET, LINES, ONE_SET, APART

        .section .data
        .balign 64
        .globl  tohost, fromhost
tohost:
        .dword  0
        .balign 64
fromhost:
        .dword  0
        .balign 64
block:
        .zero   64
