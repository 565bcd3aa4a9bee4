/* url: the host of a URL, as a rule.  Pure. */
#ifndef PEN_URL_H
#define PEN_URL_H

/*
 * The rule for http:// or https://, which the caller frees: host and port, of
 * localhost for every address of the loopback.  NULL when it is another URL.
 */
char *url_rule(const char *url);

/* The URL without user name and password; the caller frees it. */
char *url_public(const char *url);

#endif
