// What must hold when nothing runs: checked before and after the measured window.
#pragma once

// every page that was ever handed out is found in exactly one place.
void selfcheck_pages(void);

// every thread has ended, and has done what the workload asked it to.
void selfcheck_end(void);
