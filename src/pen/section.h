/* section: the kinds of sections that a pen.conf has, and what names one. */
#ifndef PEN_SECTION_H
#define PEN_SECTION_H

enum section_kind {
	SECTION_AGENT,
	SECTION_PROFILE,
	SECTION_PROJECT,
	SECTION_GROUP, /* has nothing but allow */
	SECTION_KINDS
};

/* Which section. */
struct section {
	enum section_kind kind;
	const char *title; /* for a project, the resolved directory */
	const char *home;  /* what "~" in the title of a project stands for */
};

/* The word that begins such a section; and the kind that it begins. */
const char *section_kind_name(enum section_kind kind);
enum section_kind section_kind(const char *name);

/* Whether one of section's kind with this title is that section. */
int section_is_titled(const struct section *section, const char *title);

#endif
