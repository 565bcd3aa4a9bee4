/* ask: the process that sends requests for new tokens, and has no file. */
#ifndef KEY_ASK_H
#define KEY_ASK_H

/* Of a request and of its answer. */
#define ASK_MAX (64 << 10)

struct ask {
	const char *url;   /* https://NAME/PATH */
	const char *pin;   /* ADDR:PORT to connect to, or NULL */
	const char *proxy; /* HOST:PORT to connect through, or NULL */
	char *auth;	   /* USER:PASSWORD for it, or NULL */
};

/*
 * Posts each message that comes on sock, JSON, and answers it with "+" and the
 * body of an answer with status 200, or "-".
 */
_Noreturn void ask_serve(const struct ask *to, int sock);

#endif
