#include "pen-key/renew.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "lib/userns.h"
#include "pen-key/ask.h"
#include "pen-key/source.h"

/* It is renewed when it has less than this left. */
#define LEFT_MS (5 * 60 * 1000)

/* A 401 renews it once in this time: the program decides what is answered with
 * one. */
#define REFUSED_S (5 * 60)

/* How long somebody else may hold a lock. */
#define LOCK_TRIES 100
#define LOCK_PAUSE_NS 100000000

/* The member of the access token; its neighbours have the rest. */
struct login {
	char *path, *dir; /* of the file */
	char *members;	  /* of the object around the token */
	char *token;	  /* the token's own */
	char *text;	  /* of the file, as it was read */
	json_t *top, *object;
};

const char *
renew_check(const struct renew *r)
{
	if (!r->from || strncmp(r->from, "file:", 5) != 0 ||
	    !strrchr(r->from, '#') || !strchr(strrchr(r->from, '#'), '.'))
		return "it needs --from file:PATH#MEMBER.MEMBER";
	if (strncmp(r->at.url, "https://", 8) != 0 ||
	    !strchr(r->at.url + 8, '/'))
		return "it is not https://NAME/PATH";
	return r->client_id ? NULL : "it needs --client-id";
}

static void
split(struct login *l, const char *from)
{
	const char *path = from + 5, *hash = strrchr(path, '#');
	char *dot, *slash;

	l->path = mem_part(path, (size_t)(hash - path));
	l->members = mem_copy(hash + 1);
	dot = strrchr(l->members, '.');
	*dot = '\0';
	l->token = dot + 1;
	/* a link is replaced where it leads to */
	slash = realpath(l->path, NULL);
	if (slash)
		l->path = slash;
	slash = strrchr(l->path, '/');
	if (!slash)
		die(ERR_TOOL, "--refresh: '%s' is not an absolute path",
		    l->path);
	l->dir = mem_part(l->path, (size_t)(slash - l->path));
}

/* Reads the file anew.  0, or -1. */
static int
load(struct login *l)
{
	char *copy = mem_copy(l->members), *rest = NULL;
	size_t n;
	char *text = file_read(l->path, 0, ASK_MAX, &n);

	json_decref(l->top);
	l->top = text ? json_loadb(text, n, 0, NULL) : NULL;
	l->object = l->top;
	for (char *m = strtok_r(copy, ".", &rest); m;
	     m = strtok_r(NULL, ".", &rest))
		l->object = json_object_get(l->object, m);
	free(copy);
	if (text)
		explicit_bzero(text, n);
	free(text);
	return json_is_object(l->object) ? 0 : -1;
}

static const char *
access_token(const struct login *l)
{
	return json_string_value(json_object_get(l->object, l->token));
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether the token will do: it has time left, and is not the refused one. */
static int
is_good(const struct login *l, const char *refused)
{
	json_t *until = json_object_get(l->object, "expiresAt");
	const char *token = access_token(l);

	if (!token || (refused && strcmp(token, refused) == 0))
		return 0;
	return !json_is_integer(until) ||
	       json_integer_value(until) > now_ms() + LEFT_MS;
}

static void
unlock(const struct renew *r, size_t n)
{
	while (n > 0)
		rmdir(r->locks.v[--n]);
}

/* 0 when all are held, or -1. */
static int
lock(const struct renew *r)
{
	const struct timespec pause = {0, LOCK_PAUSE_NS};

	for (size_t i = 0; i < r->locks.n; i++) {
		int tries = LOCK_TRIES;

		while (mkdir(r->locks.v[i], 0700) < 0) {
			if (errno != EEXIST || --tries == 0) {
				unlock(r, i);
				return -1;
			}
			nanosleep(&pause, NULL);
		}
	}
	return 0;
}

/* The file itself, if it is nobody else's; or -1. */
static int
open_own(const struct login *l)
{
	int fd = open(l->path,
		      O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_nlink == 1)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Writes the file in its place.  A new one beside it would have a name in a
 * directory that the run shares, which could read it, and exchange it before it
 * is renamed.  Blanks cover what the old text was longer, until it is cut off:
 * whoever reads meanwhile finds the whole of one or the other.  0, or -1.
 */
static int
save(const struct login *l)
{
	char *text = json_dumps(l->top, JSON_COMPACT), *padded = NULL;
	size_t n = text ? strlen(text) : 0, size = n;
	int fd = open_own(l), bad = !text || fd < 0;
	struct stat st;

	if (!bad && fstat(fd, &st) == 0 && st.st_size > (off_t)n)
		size = (size_t)st.st_size < ASK_MAX ? (size_t)st.st_size : n;
	if (!bad) {
		padded = mem_alloc(size + 1);
		memset(padded, ' ', size);
		memcpy(padded, text, n);
		bad = pwrite(fd, padded, size, 0) != (ssize_t)size ||
		      ftruncate(fd, (off_t)n) < 0 || fsync(fd) < 0;
		explicit_bzero(padded, size);
	}
	if (fd >= 0 && close(fd) < 0)
		bad = 1;
	if (text)
		explicit_bzero(text, n);
	free(padded);
	free(text);
	return bad ? -1 : 0;
}

/* Takes what the answer has of new tokens.  0, or -1 when it has none. */
static int
take_answer(struct login *l, const char *text, size_t n)
{
	json_t *a = json_loadb(text, n, 0, NULL);
	json_t *access = json_object_get(a, "access_token");
	json_t *refresh = json_object_get(a, "refresh_token");
	json_t *left = json_object_get(a, "expires_in");
	int bad = !json_is_string(access) ||
		  !source_is_good(json_string_value(access),
				  json_string_length(access));

	if (!bad)
		json_object_set(l->object, l->token, access);
	if (!bad && json_is_string(refresh))
		json_object_set(l->object, "refreshToken", refresh);
	if (!bad && json_is_integer(left))
		json_object_set_new(
		    l->object, "expiresAt",
		    json_integer(now_ms() + json_integer_value(left) * 1000));
	json_decref(a);
	return bad ? -1 : 0;
}

/* The request, as the agent makes it; the caller frees it. */
static char *
make_request(const struct renew *r, const struct login *l)
{
	json_t *scopes = json_object_get(l->object, "scopes"), *one;
	char *scope = mem_copy(""), *longer, *text;
	json_t *q;
	size_t i;

	json_array_foreach(scopes, i, one)
	{
		longer = mem_printf("%s%s%s", scope, i ? " " : "",
				    json_is_string(one) ? json_string_value(one)
							: "");
		free(scope);
		scope = longer;
	}
	q = json_pack("{ss sO ss}", "grant_type", "refresh_token",
		      "refresh_token",
		      json_object_get(l->object, "refreshToken"), "client_id",
		      r->client_id);
	if (q && *scope)
		json_object_set_new(q, "scope", json_string(scope));
	text = q ? json_dumps(q, JSON_COMPACT) : NULL;
	json_decref(q);
	free(scope);
	return text;
}

/* NULL when the login has new tokens, or why not. */
static const char *
renew(const struct renew *r, struct login *l, int network, const char *refused)
{
	static char answer[ASK_MAX];
	const char *why = NULL;
	char *q;
	ssize_t n = -1;

	if (lock(r) < 0)
		return "another program holds the login's lock";
	/* whoever had the lock may have renewed it */
	if (load(l) == 0 && !is_good(l, refused)) {
		q = make_request(r, l);
		if (q && send(network, q, strlen(q), MSG_NOSIGNAL) > 0)
			n = recv(network, answer, sizeof(answer), 0);
		if (q)
			explicit_bzero(q, strlen(q));
		free(q);
		if (n < 1 || *answer != '+' ||
		    take_answer(l, answer + 1, (size_t)n - 1) < 0)
			why = "the login cannot be renewed: sign in outside";
		else if (save(l) < 0)
			why = "the renewed login cannot be written";
		explicit_bzero(answer, sizeof(answer));
	}
	unlock(r, r->locks.n);
	return why;
}

static void
answer(int sock, char kind, const char *text)
{
	char *m = mem_printf("%c%s", kind, text);

	send(sock, m, strlen(m), MSG_NOSIGNAL);
	explicit_bzero(m, strlen(m));
	free(m);
}

/* The process that has the file. */
static _Noreturn void
keep(const struct renew *r, int sock, int network)
{
	static char given[ASK_MAX];
	struct login l = {0};
	char word[16];
	time_t last = 0; /* when a 401 renewed it; 0: never */
	ssize_t n;

	split(&l, r->from);
	while ((n = recv(sock, word, sizeof(word) - 1, 0)) > 0) {
		const char *refused = NULL, *why = NULL;
		struct timespec now;

		word[n] = '\0';
		clock_gettime(CLOCK_BOOTTIME, &now);
		if (strcmp(word, RENEW_OTHER) == 0 &&
		    (!last || now.tv_sec - last >= REFUSED_S))
			refused = given;
		if (load(&l) < 0)
			why = "the login's file cannot be read";
		else if (!is_good(&l, refused)) {
			/* one that fails counts, too; and what was renewed is
			 * new, whyever it was */
			last = now.tv_sec;
			why = renew(r, &l, network, refused);
		}
		if (!why && !access_token(&l))
			why = "there is no login: sign in outside";
		if (!why)
			snprintf(given, sizeof(given), "%s", access_token(&l));
		answer(sock, why ? '-' : '+', why ? why : given);
	}
	_exit(0);
}

/* It has the directories of the file and of the locks, and no network. */
static void
confine_keeper(const struct renew *r)
{
	struct login l = {0};
	struct landlock_path *paths =
	    mem_alloc((r->locks.n + 1) * sizeof(*paths));
	struct landlock reach = {.files = LANDLOCK_FILES,
				 .net = LANDLOCK_PORTS,
				 .scope = LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				 .paths = paths,
				 .paths_n = r->locks.n + 1};

	split(&l, r->from);
	paths[0] = (struct landlock_path){
	    open(l.dir, O_PATH | O_DIRECTORY | O_CLOEXEC),
	    LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_TRUNCATE};
	for (size_t i = 0; i < r->locks.n; i++) {
		const char *slash = strrchr(r->locks.v[i], '/');
		char *dir = slash ? mem_part(r->locks.v[i],
					     (size_t)(slash - r->locks.v[i]))
				  : mem_copy(".");

		paths[i + 1] = (struct landlock_path){
		    open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC),
		    LANDLOCK_MAKE_DIR | LANDLOCK_REMOVE_DIR};
		free(dir);
	}
	/* its ids are mapped by files of /proc, which are root's otherwise;
	 * there is no credential in its memory yet */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	userns_enter(CLONE_NEWNET, geteuid(), getegid());
	confine_process("the login's keeper", &reach);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
}

int
renew_start(const struct renew *r)
{
	int sock[2], network[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, network) <
		0 ||
	    (pid = fork()) < 0)
		die(ERR_TOOL, "cannot start what renews the login: %m");
	if (pid == 0) {
		const int fds[] = {-1, -1, STDERR_FILENO, network[1]};

		if (fd_keep_only(fds, 4) < 0)
			_exit(ERR_TOOL);
		ask_serve(&r->at, 3);
	}
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start what keeps the login: %m");
	if (pid == 0) {
		const int fds[] = {-1, -1, STDERR_FILENO, sock[1], network[0]};

		if (fd_keep_only(fds, 5) < 0)
			_exit(ERR_TOOL);
		if (r->at.auth)
			explicit_bzero(r->at.auth, strlen(r->at.auth));
		confine_keeper(r);
		keep(r, 3, 4);
	}
	close(sock[1]);
	close(network[0]);
	close(network[1]);
	return sock[0];
}
