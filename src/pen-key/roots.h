/* roots: the authorities that the API's certificate may be from. */
#ifndef KEY_ROOTS_H
#define KEY_ROOTS_H

#include <curl/curl.h>

/*
 * Those of the host, and those that the caller's variables name besides, as
 * SSL_CERT_FILE and NODE_EXTRA_CA_CERTS: read once, at the start, for later no
 * file is, and libcurl would read them for each connection.  Fatal when there
 * are none.
 */
struct roots *roots_read(void);

/* Has e believe these and no others.  Fatal where libcurl cannot. */
void roots_use(const struct roots *r, CURL *e);

#endif
