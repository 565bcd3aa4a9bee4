/* overlay: what the project's overlay has over the project, at the end. */
#ifndef REPORT_OVERLAY_H
#define REPORT_OVERLAY_H

#include "pen-report/account.h"

/*
 * Adds what the overlay of the run's manifest holds to the account, and writes
 * beside it, in state, what the host has of it now: pen-review(1) compares.
 */
void overlay_account(struct account *a, int state);

#endif
