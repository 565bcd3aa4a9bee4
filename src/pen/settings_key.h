/* settings_key: the keys of pen.conf, and what each may be set to.  Pure. */
#ifndef PEN_SETTINGS_KEY_H
#define PEN_SETTINGS_KEY_H

/* In tell_unless: what was typed may be a command of the agent's. */
#define TELL_COMMAND "@command@"

enum settings_key {
	/* lists */
	SET_ALLOW,
	SET_DENY,
	SET_QUIET,
	SET_LIMIT,
	SET_CONNECT_TO,
	SET_PUBLISH,
	SET_REACH,
	SET_ENV,
	SET_RO,
	SET_RW,
	SET_STATE,
	SET_TMPFS,
	SET_MASK,
	SET_PROTECT,
	SET_DEV,
	SET_ARGS,
	SET_ARGS_IF,
	SET_TELL_ARGS,
	SET_TELL_ENV,
	SET_TELL_UNLESS,
	SET_DRAFT,
	SET_KEY, /* these are key.h's */
	SET_KEY_FILE,
	SET_KEY_BASE,
	SET_KEY_SEED,
	SET_KEY_INSIDE,
	SET_KEY_ENV,
	SET_KEY_ARGS,
	SET_KEY_UNLESS,
	SET_KEY_HOLD,
	SET_KEY_REFRESH,
	SET_KEY_COMMAND,
	SET_KEY_GIT, /* these are keygit.h's */
	SET_KEY_GIT_PUSH,
	SET_BUDGET,
	SET_PRIVATE_HOST, /* "host NAME { private = true }" */
	SET_LISTS,
	/* single values */
	SET_NETWORK = SET_LISTS,
	SET_TMP_SIZE,
	SET_DRAFT_SIZE,
	SET_OVERLAY_SIZE,
	SET_PROCESSES,
	SET_MEMORY,
	SET_CPU,
	SET_TIME,
	SET_AT_END,
	SET_UPSTREAM_PROXY,
	SET_CLIPBOARD, /* the rest of these are pen-shell's */
	SET_NOTIFICATIONS,
	SET_TITLE,
	SET_NOTICE,
	SET_ESCAPE,
	/* booleans */
	SET_BOOLS,
	SET_ASK = SET_BOOLS,
	SET_HISTORY,
	SET_NESTING,
	SET_DEBUG,
	SET_PERF,
	SET_SOCKETS,
	SET_GPU,
	SET_CACHE,
	SET_OVERLAY,
	SET_TELL_MODEL,
	SET_KEYS
};

/* The key's name in pen.conf. */
const char *settings_name(enum settings_key key);

/* What is wrong with text as a value of key, or NULL. */
const char *settings_check(enum settings_key key, const char *text);

/* ADDR:PORT of the network "proxy ADDR:PORT", or NULL. */
const char *settings_proxy(const char *network);

/* What a single value is where nothing sets it; NULL for a list. */
const char *settings_default(enum settings_key key);

#endif
