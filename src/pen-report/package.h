/* package: what npm runs by itself, of a package.json. */
#ifndef REPORT_PACKAGE_H
#define REPORT_PACKAGE_H

/*
 * Whether is, a package.json, has something that runs at an install or at a
 * commit without being asked for, and that was, which may be empty, did not
 * have so.  What is no JSON has nothing.  Pure.
 */
int package_has_news(const char *was, const char *is);

#endif
