/* repo: whether the project is to git what it was when the run began. */
#ifndef REPORT_REPO_H
#define REPORT_REPO_H

#include "pen-report/account.h"

/* Adds what is not. */
void repo_check(struct account *a);

#endif
