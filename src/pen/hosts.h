/* hosts: the names of this machine, hosts(5).  Pure. */
#ifndef PEN_HOSTS_H
#define PEN_HOSTS_H

/*
 * /etc/hosts inside, from the host's text, which may be NULL: its lines for
 * localhost, whose names the host name "pen" joins, and no other.  The caller
 * frees it.
 */
char *hosts_inside(const char *text);

#endif
