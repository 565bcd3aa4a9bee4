/* about: what pen-shell(1) says about the pen that it has made. */
#ifndef CTL_ABOUT_H
#define CTL_ABOUT_H

struct about {
	char *conf;  /* "name = value" lines, those in force first */
	char *chain; /* the command line, as pen --print has it */
};

/* Reads it from the descriptor, which it closes; fatal when it cannot. */
void about_read(struct about *a, int fd);

/* Each prints to standard output, a line for each item. */
void about_settings(const struct about *a, const char *const names[]);
void about_mounts(const struct about *a);
void about_env(const struct about *a);

#endif
