// Never reports anything.
    .section .text.start, "ax"
    .globl  _start
_start:
    j       _start
