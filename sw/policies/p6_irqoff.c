// P6-irqoff: a probe before interrupts go off, as OSv does it, as far down as the section with
// interrupts off can get. The kernel is not preemptible: nothing else needs one. An interrupt that
// arrives at the end of a page is no place that could be probed before: it faults as under P1.
//
// compile-flags: -include policies/stack_probe.h -DBEFORE_IRQ_OFF=probe_before_irq_off
#include "policies/p6.h"
