/* What all do that grow on fault. */
#define MAPPED(h, t)    fenced_on[t] = SET(h)
#define GROW(h, t)      map(h, t); fence(h, t)
