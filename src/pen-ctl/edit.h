/*
 * edit: pen.conf(5) as text, for changing a list in it and nothing else: not a
 * comment, not a blank.  Pure.
 */
#ifndef CTL_EDIT_H
#define CTL_EDIT_H

/*
 * The text with "key += {"value"}" as the last setting of the section that
 * kind and title name, which is added at the end if there is none.  The caller
 * frees it.  NULL: the text cannot be made sense of (a brace or a quote that is
 * not closed), or value is not fit to be quoted.
 */
char *edit_add(const char *text, const char *kind, const char *title,
	       const char *key, const char *value);

/*
 * The text without the lines that edit_add wrote for this; a line that
 * somebody wrote otherwise stays.  NULL as above, or when there is none.
 */
char *edit_remove(const char *text, const char *kind, const char *title,
		  const char *key, const char *value);

#endif
