/* report: what came of the attacks. */
#ifndef PEN_ATTACK_REPORT_H
#define PEN_ATTACK_REPORT_H

#include "pen-attack/launch.h"
#include "pen-attack/runs.h"

/* Prints the table of attacks. */
void report_list(void);

/* Prints a table by group, what was not held, and one sentence. */
void report_print(const struct outcome *o);

/* Prints one JSON object: version, kernel, machine, launcher, entries. */
void report_print_json(const struct launcher *l, const struct outcome *o);

/* 0 when all that has a control was held, else 1. */
int report_status(const struct outcome *o);

#endif
