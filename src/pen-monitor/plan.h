/* plan: what pen-ns started, and what is to be done when it ends. */
#ifndef PEN_MONITOR_PLAN_H
#define PEN_MONITOR_PLAN_H

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/types.h>

struct plan {
	pid_t child; /* the jail's first process, a child of this one */
	int sock;    /* to it */
	int direct;  /* it is prog itself */
	int stays;   /* what prog leaves behind goes on */
	int plain;   /* only wait: no terminal, no death like prog's */
	int leads;   /* prog leads its own process group, in the foreground */
	struct winsize terminal;  /* its size before prog, then */
	int info, json;		  /* descriptors to say on what runs, or -1 */
	unsigned long namespaces; /* CLONE_NEW*: the new ones */
	sigset_t mask;		  /* the caller's */
	const char *at_end;	  /* the program to run then, or NULL */
	int manifest, layer;	  /* what it is given; where the layer comes */
	const char *watch;	  /* the program to run meanwhile, or NULL */
	int options, jail;	  /* what it is given */
	pid_t watcher;		  /* it runs, or 0 */
	int events;		  /* what it saw, or -1 */
};

#endif
