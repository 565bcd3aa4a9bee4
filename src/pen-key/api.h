/*
 * api: what of an API passes: its requests, and what in their bodies makes the
 * API fetch something for the caller, which is another way out.  Pure.
 */
#ifndef KEY_API_H
#define KEY_API_H

/*
 * A member of a JSON body that is refused.  path is the end of its path, names
 * in small letters without "_", as every API reads them; value is what a string
 * or word begins with, "A|B" for either, NULL for whatever it is.  "!A|B" is
 * all but what begins so; an object is "{", an array "[".
 */
struct api_member {
	const char *path;
	const char *value;
	const char *why; /* what the caller is told */
};

struct api {
	const char *name;
	const char *const *pass;  /* "METHOD PATH", as judge.h has it */
	const char *const *query; /* names */
	const char *const
	    *betas; /* what a value of anthropic-beta begins with */
	const struct api_member *refused; /* up to a NULL path */
	const char *const *free; /* members that hold whatever there is */
};

/* NULL when there is none of that name. */
const struct api *api_find(const char *name);

/* Every request that is safe to read, of no API in particular. */
extern const struct api api_any;

#endif
