#include "pen-key/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

#define ANSWER_MAX (64 << 10)

extern char **environ;

/*
 * git's environment: the caller's, but what a project may have set for it
 * (direnv), which is all that git reads.  It starts in "/", where no repository
 * is, so that the configuration is the user's and the system's; and asks for
 * nothing at the terminal, which is somebody else's by now.
 */
static void
clean_environment(void)
{
	struct strv names = {0};

	for (char **e = environ; *e; e++)
		if (strncmp(*e, "GIT_", 4) == 0 ||
		    strncmp(*e, "SSH_ASKPASS", 11) == 0)
			strv_push(&names, mem_part(*e, strcspn(*e, "=")));
	for (size_t i = 0; i < names.n; i++)
		unsetenv(names.v[i]);
	if (chdir("/") < 0 || setenv("GIT_TERMINAL_PROMPT", "0", 1) < 0 ||
	    setenv("GIT_CEILING_DIRECTORIES", "/", 1) < 0 ||
	    setenv("GIT_ASKPASS", "", 1) < 0 ||
	    setenv("GCM_INTERACTIVE", "never", 1) < 0)
		_exit(ERR_TOOL);
}

/* Runs git with the question, and returns what it prints, or NULL. */
static char *
run_git(const char *question, size_t *n)
{
	struct strv words = {0};
	int in[2], out[2], status;
	char *text;
	pid_t pid;

	/* a question fits a pipe */
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
	    fd_write_all(in[1], question, strlen(question)) < 0 ||
	    (pid = fork()) < 0)
		die(ERR_TOOL, "cannot run git: %m");
	if (pid == 0) {
		clean_environment();
		/* a helper may leave a daemon behind */
		if (fd_keep_only((int[]){in[0], out[1], STDERR_FILENO}, 3) < 0)
			_exit(ERR_TOOL);
		strv_push(&words, "git");
		strv_push(&words, "credential");
		strv_push(&words, "fill");
		chain_exec(words.v);
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
	text = fd_read_all(out[0], ANSWER_MAX, n);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (text && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return text;
	if (text)
		explicit_bzero(text, *n);
	free(text);
	return NULL;
}

/* The value of the last line "NAME=…", without the line's end; or NULL. */
static const char *
find_value(const char *text, const char *name, size_t *n)
{
	const char *found = NULL;
	size_t len = strlen(name);

	for (const char *at = text; *at; at += strcspn(at, "\n")) {
		at += *at == '\n';
		if (strncmp(at, name, len) == 0 && at[len] == '=') {
			found = at + len + 1;
			*n = strcspn(found, "\n");
		}
	}
	return found;
}

/* USER:PASSWORD in base64 to basic.  0, or -1 when that is none. */
static int
take_answer(const char *text, struct secret *basic, struct secret *password)
{
	unsigned char pair[SOURCE_MAX / 2];
	char coded[SOURCE_MAX + 1];
	size_t user_n = 0, pass_n = 0, n;
	const char *user = find_value(text, "username", &user_n);
	const char *pass = find_value(text, "password", &pass_n);
	int good;

	if (!user || !pass || pass_n == 0 || user_n > sizeof(pair) / 2 ||
	    pass_n > sizeof(pair) / 2 - 1)
		return -1;
	memcpy(pair, user, user_n);
	pair[user_n] = ':';
	memcpy(pair + user_n + 1, pass, pass_n);
	n = (size_t)EVP_EncodeBlock((unsigned char *)coded, pair,
				    (int)(user_n + 1 + pass_n));
	good = source_is_good(coded, n);
	if (good)
		source_take(basic, coded, n);
	if (good && source_is_good(pass, pass_n))
		source_take(password, pass, pass_n);
	explicit_bzero(pair, sizeof(pair));
	explicit_bzero(coded, sizeof(coded));
	return good ? 0 : -1;
}

int
credential_ask(const char *from, const char *host, unsigned port,
	       const char *path, struct secret *basic, struct secret *password)
{
	const char *user = strchr(from, ':');
	char *at =
	    port == 443 ? mem_copy(host) : mem_printf("%s:%u", host, port);
	char *question = mem_printf("protocol=https\nhost=%s\npath=%s\n%s%s\n",
				    at, path + 1, user ? "username=" : "",
				    user ? mem_printf("%s\n", user + 1) : "");
	size_t n;
	char *text = run_git(question, &n);
	int r = text ? take_answer(text, basic, password) : -1;

	if (r < 0) {
		err_warn("git has no credential for %s: requests to it have "
			 "none",
			 at);
		err_hint("sign in outside: git -C / ls-remote https://%s%s", at,
			 path);
	}
	if (text)
		explicit_bzero(text, n);
	free(text);
	free(question);
	free(at);
	return r;
}
