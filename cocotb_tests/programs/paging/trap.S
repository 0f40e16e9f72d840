// From U-mode and back. sscratch holds the frame of the user's registers while U-mode runs.
    .text
    .globl  enter_user, trap_from_user
    .balign 4
trap_from_user:
    csrrw   sp, sscratch, sp
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, 8 * \n(sp)
    .endr
    csrr    t0, sscratch
    sd      t0, 16(sp)
    csrr    t0, sepc
    sd      t0, 0(sp)
    la      t0, trap_from_supervisor
    csrw    stvec, t0
    mv      a0, sp
    la      sp, stack_top
    call    handle
    // a0 is the frame

enter_user:                         // a0: frame
    la      t0, trap_from_user
    csrw    stvec, t0
    csrw    sscratch, a0
    ld      t0, 0(a0)
    csrw    sepc, t0
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, 8 * \n(a0)
    .endr
    ld      a0, 80(a0)
    sret

    .balign 4
trap_from_supervisor:               // the supervisor makes no faults
    csrr    a0, scause
    csrr    a1, sepc
    csrr    a2, stval
    la      sp, stack_top
    call    complain
    li      a0, 98
    j       exit_image
