/*
 * pen: reads the configuration, finds out what the program needs, and becomes
 * the chain of the other tools.  It makes no namespace, and starts no process
 * but pen-sni, git, which reads its configuration, pen-report where a run was
 * killed, and for --audit, whose last word somebody has to speak.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/limits.h"
#include "lib/projects.h"
#include "lib/standard.h"
#include "lib/system.h"
#include "pen/answer.h"
#include "pen/audit.h"
#include "pen/compose.h"
#include "pen/cover.h"
#include "pen/device.h"
#include "pen/draft.h"
#include "pen/engines.h"
#include "pen/etc.h"
#include "pen/files.h"
#include "pen/gitglobal.h"
#include "pen/keygit.h"
#include "pen/logs.h"
#include "pen/manifest.h"
#include "pen/options.h"
#include "pen/overlay.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/pen.h"
#include "pen/penfiles.h"
#include "pen/policy.h"
#include "pen/print.h"
#include "pen/proxy.h"
#include "pen/quote.h"
#include "pen/systems.h"
#include "pen/tell.h"
#include "pen/terminfo.h"
#include "pen/upstream.h"
#include "pen/view_words.h"

/* Programs that need an option, which their own errors do not name. */
static void
warn_needs(const struct settings *s, const char *prog)
{
	static const struct {
		const char *name, *option;
		enum settings_key key;
	} needs[] = {
	    {"gdb", "--debug", SET_DEBUG},
	    {"lldb", "--debug", SET_DEBUG},
	    {"ltrace", "--debug", SET_DEBUG},
	    {"strace", "--debug", SET_DEBUG},
	    {"perf", "--perf", SET_PERF},
	    {"buildah", "--nested", SET_NESTING},
	    {"bwrap", "--nested", SET_NESTING},
	    {"podman", "--nested", SET_NESTING},
	    {"unshare", "--nested", SET_NESTING},
	};
	const char *slash = strrchr(prog, '/');

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		if (strcmp(slash ? slash + 1 : prog, needs[i].name) == 0 &&
		    !settings_on(s, needs[i].key))
			err_warn("%s needs %s here: pen-compat(7)",
				 needs[i].name, needs[i].option);
}

/* There is no such program: errno says why. */
static _Noreturn void
die_missing(struct pen *pen)
{
	int error = errno;
	char *hint = answer_hint(pen, "agents", pen->prog[0]);

	err_warn("cannot execute '%s': %s", pen->prog[0], strerror(error));
	if (error == ENOENT && *hint)
		err_hint("%.*s", (int)strlen(hint) - 1, hint);
	err_exit(error == ENOENT || error == ENOTDIR ? ERR_NOTFOUND
						     : ERR_NOEXEC);
}

/* Everything that is shown, then what is taken out of it again. */
static void
build_view(struct pen *pen)
{
	struct gitglobal git;
	char *hidden;

	files_show(&pen->set, &pen->project, &pen->view,
		   pen->print ? &pen->commands : NULL);
	if (settings_on(&pen->set, SET_OVERLAY))
		pen->overlay = overlay_show(
		    pen->overlay_name ? pen->overlay_name : OVERLAY_NAME,
		    &pen->run, &pen->project, &pen->view,
		    pen->print ? &pen->commands : NULL);
	gitglobal_begin(&git, &pen->project, &pen->view);
	systems_show(&pen->project, &pen->view);
	agent_show(&pen->program, &pen->project, &pen->view);
	if (settings_on(&pen->set, SET_CACHE))
		files_show_caches(&pen->project, &pen->view,
				  pen->print ? &pen->commands : NULL);
	device_show(&pen->set, &pen->view);
	terminfo_show(&pen->project, &pen->view);
	draft_find(&pen->set, &pen->project, &pen->view, pen->agent,
		   path_join(pen->run.dir, "repositories"), !pen->print);
	key_cover(&pen->keys, &pen->project, &pen->view,
		  path_join(pen->run.dir, "keys"), !pen->print);
	key_notice(&pen->set, &pen->project, &pen->view, pen->agent);
	cover(&pen->set, &pen->project, &pen->view);
	etc_cover(&pen->view);
	pen->gitconfig =
	    gitglobal_end(&git, &pen->project, &pen->set, &pen->view);
	pen->gitconfig = keygit_config(&pen->keys, pen->gitconfig);
	warn_needs(&pen->set, pen->prog[0]);
	engines_warn(&pen->set, &pen->project);
	pen->env.hidden = &pen->keys.hidden;
	pen->env.more = &pen->keys.env;
	env_make(&pen->env, &pen->set, &pen->project, &pen->view);
	env_warn(&pen->set, &pen->view);
	hidden = env_hidden_path(&pen->view);
	pen->told = tell_text(&pen->set, &pen->project, &pen->keys, hidden);
	/* what is said now is not said again at the end */
	if (!env_tell_path(&pen->view, hidden, pen->prog + 1 + pen->given))
		pen->hidden_path = hidden;
	env_guard_path(&pen->view);
}

/* The run's name, its log, which pen-sni makes, and its project's state. */
static void
choose_log(struct pen *pen)
{
	char *real, *id;
	int fd;
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc))
		die(ERR_TOOL, "cannot tell the time: %m");
	fd = path_open(pen->logs, !pen->print, NULL, NULL, &real);
	if (fd >= 0) {
		if (!pen->print)
			logs_prune(fd);
		close(fd);
		free(real);
	} else if (pen->print) {
		strv_push(&pen->commands,
			  mem_printf("mkdir -p %s", quote_word(pen->logs)));
	} else {
		die_hint("set XDG_STATE_HOME to a directory that you can write "
			 "to",
			 "cannot make the directory of the logs, '%s': %m",
			 pen->logs);
	}
	/* not strftime(3): it reads the time zone's file, for nothing */
	id = mem_printf("%04d%02d%02dT%02d%02d%02dZ-%d", utc.tm_year + 1900,
			utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
			utc.tm_sec, (int)getpid());
	pen->log = mem_printf("%s/%s.jsonl", pen->logs, id);
	run_find(&pen->run, &pen->project, pen->state, id);
	pen->view.kept = pen->run.kept;
}

/* A file without a name that the chain inherits. */
static int
memory_file(const void *text, size_t n)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, was;
	int fd = memfd_create("pen", 0);

	/* or `ulimit -f` is death without a word */
	sigaction(SIGXFSZ, &ignore, &was);
	if (fd < 0 || fd_write_all(fd, text, n) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		die_hint(errno == EFBIG ? "ulimit -f is too small" : NULL,
			 "cannot make a file in memory: %m");
	sigaction(SIGXFSZ, &was, NULL);
	return fd;
}

/* The words, each ended by NUL, for --args. */
static int
memory_words(const struct strv *words)
{
	size_t size = 0, n = 0;
	char *text;
	int fd;

	for (size_t i = 0; i < words->n; i++)
		size += strlen(words->v[i]) + 1;
	text = mem_alloc(size);
	for (size_t i = 0; i < words->n; i++) {
		memcpy(text + n, words->v[i], strlen(words->v[i]) + 1);
		n += strlen(words->v[i]) + 1;
	}
	fd = memory_file(text, size);
	free(text);
	return fd;
}

static int
has_open_network(const struct settings *s)
{
	return strcmp(settings_value(s, SET_NETWORK), "open") == 0;
}

/* The files that pen writes. */
static void
make_etc_files(const struct pen *pen, struct etc *e)
{
	etc_make(e, &pen->set, &pen->view);
	if (pen->gitconfig)
		etc_add(e, &pen->view,
			path_join(pen->project.home, ".gitconfig"),
			pen->gitconfig, 1);
	if (pen->told)
		etc_add(e, &pen->view, TELL_FILE, pen->told, 0);
	/* a shell opens its own, and zsh knows no descriptor above 9 */
	for (size_t i = 0; i < e->n; i++)
		e->v[i].fd = pen->print ? 3 + (int)i
					: memory_file(e->v[i].text,
						      strlen(e->v[i].text));
}

static int
flush_output(void)
{
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
	return 0;
}

/* The upstream proxy; its password is for pen-sni alone, and in no argv. */
static char *
find_upstream(const struct pen *pen)
{
	char *auth;
	char *proxy =
	    upstream_find(settings_value(&pen->set, SET_UPSTREAM_PROXY), &auth);

	if (auth && !pen->print &&
	    (setenv("PEN_SNI_UPSTREAM_AUTH", auth, 1) < 0 ||
	     (pen->keys.n && setenv("PEN_KEY_UPSTREAM_AUTH", auth, 1) < 0)))
		die(ERR_TOOL, "cannot set a variable: %m");
	free(auth);
	return proxy;
}

static _Noreturn void
run_audited(const struct pen *pen, struct compose *c)
{
	struct compose_chain chain, collector;
	struct audit a = {.log = pen->log, .pen_log = chain_sibling("pen-log")};

	audit_prepare(&a);
	c->audit_fd = a.inside;
	compose(c, &chain);
	compose_collector(c, chain_sibling("pen-policy"), &collector,
			  a.outside);
	a.chain = chain.words.v;
	a.collector = collector.words.v;
	audit_run(&a);
}

/* What the end of the run is told: a file that the chain inherits. */
static int
make_manifest(const struct pen *pen)
{
	struct manifest m = {.run = &pen->run,
			     .project = &pen->project,
			     .settings = &pen->set,
			     .view = &pen->view,
			     .agent = pen->agent,
			     .log = pen->log,
			     .overlay = pen->overlay,
			     .hidden_path = pen->hidden_path};
	char *text = manifest_text(&m);
	int fd = run_note(&pen->run, text);

	keygit_note(&pen->keys, pen->run.dir);
	if (pen->overlay)
		overlay_take(pen->overlay, &pen->run, &pen->project, fd);
	free(text);
	return fd;
}

/* Prints the chain or becomes it. */
static int
run_chain(struct pen *pen)
{
	struct strv words = {0}, shown = {0}, trees = {0};
	struct etc files = {0};
	struct compose c = {.settings = &pen->set,
			    .allow_only = &pen->allow_only,
			    .keys = &pen->keys,
			    .key =
				pen->keys.n ? chain_sibling("pen-key") : NULL,
			    .sni = chain_sibling("pen-sni"),
			    .net = chain_sibling("pen-net"),
			    .limit = chain_sibling("pen-limit"),
			    .ns = chain_sibling("pen-ns"),
			    .filter = chain_sibling("pen-filter"),
			    .home = pen->project.home,
			    .cwd = pen->project.cwd,
			    .log = pen->log,
			    .upstream = find_upstream(pen),
			    .audit = pen->audit,
			    .agent = pen->agent,
			    .project = pen->project.root,
			    .view = &words,
			    .env = &pen->env.words,
			    .env_fd = -1,
			    .system_fd = -1,
			    .audit_fd = -1,
			    .prog = pen->prog};
	struct compose_chain chain;

	c.told = pen->told != NULL;
	make_etc_files(pen, &files);
	c.data = files.v;
	c.data_n = files.n;
	view_words(&pen->view, &words, &shown);
	if (pen->print == PRINT_CHAIN) {
		c.view = &shown;
		c.env = &pen->env.shown;
		print_commands(&pen->commands, stdout);
		print_chain(&c, stdout);
		return flush_output();
	}
	if (strcmp(settings_value(&pen->set, SET_NETWORK), "allowlist") != 0 &&
	    logs_note(pen->log, settings_value(&pen->set, SET_NETWORK)) < 0)
		die(ERR_TOOL, "cannot write the log '%s': %m", pen->log);
	c.report = chain_sibling("pen-report");
	c.manifest_fd = make_manifest(pen);
	c.watch = chain_sibling("pen-watch");
	strv_push(&pen->view.watch, "--mirror");
	strv_push(&pen->view.watch, run_directory(&pen->run));
	/* where tmp_size holds */
	strv_push(&pen->view.watch, "--room");
	strv_push(&pen->view.watch, "/tmp");
	strv_push(&pen->view.watch, "--room");
	strv_push(&pen->view.watch, pen->project.home);
	if (pen->overlay) {
		strv_push(&pen->view.watch, "--quota");
		strv_push(&pen->view.watch, compose_bytes(settings_value(
						&pen->set, SET_OVERLAY_SIZE)));
		strv_push(&pen->view.watch, pen->overlay);
	}
	c.plan_fd = memory_words(&pen->view.watch);
	/* here, for each exec of the chain copies its words */
	c.env_fd = memory_words(&pen->env.words);
	system_add(&trees);
	c.system_fd = memory_words(&trees);
	if (pen->audit)
		run_audited(pen, &c);
	compose(&c, &chain);
	if (has_open_network(&pen->set))
		err_warn("network = open: what runs inside can send anything "
			 "anywhere but to this host and private networks, and "
			 "no log says what");
	if (settings_proxy(settings_value(&pen->set, SET_NETWORK)))
		err_warn("network = %s: allow and deny have no say here, the "
			 "proxy decides, and no log of pen says what",
			 settings_value(&pen->set, SET_NETWORK));
	chain_exec(proxy_start(&chain, &pen->keys));
}

/* Not in main, whose frame must fit the smallest of stacks. */
__attribute__((noinline)) static int
run(int argc, char **argv)
{
	struct pen pen = {0};
	mode_t mask;

	if (standard_open() < 0)
		die(ERR_TOOL, "cannot open /dev/null: %m");
	pen.prog = argv + options_parse(&pen, argc, argv);
	pen.bin = path_parent(chain_sibling("pen-ns"));
	if (pen.shell)
		print_shell(pen.bin, pen.shell, answer_names(&pen, "agents"));
	else if (pen.list)
		print_names(answer_names(&pen, pen.list));
	if (pen.shell || pen.list)
		return flush_output();
	if (pen.edits_n > 0)
		return answer_edit(&pen);
	if (!pen.prog[0])
		die_hint("pen --help lists the options", "no program to run");
	penfiles_find(&pen);
	project_find(&pen.project, pen.project_dir);
	if (chdir(pen.project.cwd) < 0)
		die(ERR_TOOL, "cannot enter '%s': %m", pen.project.cwd);
	if (agent_find(&pen.program, pen.prog[0], &pen.project) < 0)
		die_missing(&pen);
	policy_read(&pen);
	if (pen.audit &&
	    strcmp(settings_value(&pen.set, SET_NETWORK), "allowlist") != 0)
		die(ERR_TOOL, "--audit is for network = allowlist");
	if (pen.print == PRINT_CONF) {
		print_managed(&pen.allow_only, stdout);
		settings_print(&pen.set, stdout);
		key_print(&pen.keys, stdout);
		return flush_output();
	}
	/* what is made here can be entered, whatever the user's mask takes */
	mask = umask(077);
	choose_log(&pen);
	umask(mask);
	/* the drafts of a run that was killed are this one's, too */
	if (!pen.print)
		projects_settle(pen.run.dir, chain_sibling("pen-report"));
	umask(077);
	build_view(&pen);
	umask(mask);
	return run_chain(&pen);
}

int
main(int argc, char **argv)
{
	err_prog = "pen";
	/* pen-sni with c-ares needs the most of the chain */
	limits_check(128, 8);
	return run(argc, argv);
}
