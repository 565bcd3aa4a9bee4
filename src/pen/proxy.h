/* proxy: what works for the chain beside it, pen-sni and pen-key. */
#ifndef PEN_PROXY_H
#define PEN_PROXY_H

#include "pen/compose.h"

/*
 * Starts what the chain begins with, pen-key and pen-sni, and sets the
 * variables that the links behind them take it by.  Returns the words of the
 * chain behind those: all of them when it has none.  Fatal on failure.
 */
char *const *proxy_start(const struct compose_chain *chain,
			 const struct keys *keys);

#endif
