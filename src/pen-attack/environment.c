/* Attacks by the environment: what crosses with it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pen-attack/attack.h"
#include "pen-attack/environment.h"

/* Variables of each kind, with values that do nothing but show. */
static const char *const planted[] = {
    /* what loads other code */
    "LD_LIBRARY_PATH=/PLANTED", "BASH_ENV=/PLANTED", "ENV=/PLANTED",
    "PYTHONSTARTUP=/PLANTED", "PYTHONPATH=/PLANTED",
    "NODE_OPTIONS=--title=PLANTED", "NODE_PATH=/PLANTED", "PERL5LIB=/PLANTED",
    "RUBYLIB=/PLANTED", "GIT_SSH_COMMAND=PLANTED", "GIT_EXTERNAL_DIFF=PLANTED",
    "LESSOPEN=PLANTED", "PROMPT_COMMAND=: PLANTED",
    /* the way to agents, buses and displays */
    "GPG_AGENT_INFO=/PLANTED", "DBUS_SESSION_BUS_ADDRESS=unix:path=/PLANTED",
    "DISPLAY=PLANTED:0", "WAYLAND_DISPLAY=PLANTED", "XAUTHORITY=/PLANTED",
    "TMUX=/PLANTED,1,0", "STY=PLANTED", "SSH_AGENT_PID=PLANTED",
    "SSH_CONNECTION=PLANTED", "GIT_ASKPASS=/PLANTED",
    "DOCKER_HOST=unix:///PLANTED", "KUBECONFIG=/PLANTED",
    /* the chain's own */
    "PEN_ATTACK=PLANTED",
    /* credentials */
    "AWS_SECRET_ACCESS_KEY=PLANTED", "GITHUB_TOKEN=PLANTED", "GH_TOKEN=PLANTED",
    "NPM_TOKEN=PLANTED", "VAULT_TOKEN=PLANTED", "PGPASSWORD=PLANTED",
    "ANTHROPIC_API_KEY=PLANTED", "ANTHROPIC_AUTH_TOKEN=PLANTED",
    "CLAUDE_CODE_OAUTH_TOKEN=PLANTED", "OPENAI_API_KEY=PLANTED",
    "CODEX_API_KEY=PLANTED", "GEMINI_API_KEY=PLANTED",
    "DATABASE_URL=postgres://u:PLANTED@h/d"};

static void
join_keyring(void)
{
	long k;

	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	k = syscall(SYS_add_key, "user", "pen-attack-planted", "x", 1,
		    KEY_SPEC_SESSION_KEYRING);
	if (k >= 0)
		syscall(SYS_keyctl, KEYCTL_SETPERM, k, 0x3f000000);
}

void
environment_plant(const struct world *w)
{
	static const char *const paths[][2] = {
	    {"CLAUDE_CONFIG_DIR", "@B/claude"},
	    {"CODEX_HOME", "@B/codex"},
	    {"GEMINI_CLI_HOME", "@B/gemini"},
	    {"SSH_AUTH_SOCK", "@B/agent.sock"},
	    {"XDG_STATE_HOME", "@B/state"}};
	char path[WORLD_PATH];

	for (size_t i = 0; i < sizeof(planted) / sizeof(*planted); i++)
		putenv((char *)planted[i]);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		setenv(paths[i][0], world_path(w, paths[i][1], path), 1);
	join_keyring();
}

TRY(has_variable)
{
	const char *value = getenv(arg);

	return value && strstr(value, "PLANTED") ? 0 : failed_by(ENOENT);
}

/* A variable that is not passed on by its value. */
TRY(has_path)
{
	char path[WORLD_PATH];
	const char *value = getenv(arg);

	return value && strcmp(value, world_path(w, "@B/agent.sock", path)) == 0
		   ? 0
		   : failed_by(ENOENT);
}

/* In a file of any process, arg, other than our own family: "PLANTED". */
TRY(read_others)
{
	static char text[65536];
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char path[300];
		ssize_t n;
		int fd;
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid <= 0 || pid == getpid() || pid == getppid())
			continue;
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, arg);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text));
		if (fd >= 0)
			close(fd);
		if (n > 0 && memmem(text, (size_t)n, "PLANTED", 7))
			return 0;
	}
	return failed_by(ENOENT);
}

TRY(find_key)
{
	char line[512];
	FILE *f = fopen("/proc/keys", "re");

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, arg))
			return 0;
	return failed_by(ENOENT);
}

TRY(search_key)
{
	return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
		       "user", arg, 0);
}
