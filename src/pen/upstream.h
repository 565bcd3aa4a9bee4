/* upstream: the HTTP proxy that the host itself needs. */
#ifndef PEN_UPSTREAM_H
#define PEN_UPSTREAM_H

/*
 * "HOST:PORT" for the value of upstream_proxy, which may be the environment's;
 * NULL when there is none.  *auth is "USER:PASSWORD", decoded, or NULL.  Fatal
 * when it is a proxy of another kind.
 */
char *upstream_find(const char *setting, char **auth);

#endif
