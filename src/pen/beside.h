/* beside: pen-sni as a process of its own from the start. */
#ifndef PEN_BESIDE_H
#define PEN_BESIDE_H

#include "compose.h"

/*
 * Starts pen-sni with the words that the chain has for it, and returns the
 * chain's words behind them: what remains to be executed.  A chain without
 * pen-sni is returned as it is.
 */
char *const *beside_start(const struct compose_chain *chain);

#endif
