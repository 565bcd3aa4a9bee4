/* root: more rights, for attacks that need them. */
#ifndef PEN_ATTACK_ROOT_H
#define PEN_ATTACK_ROOT_H

/*
 * Makes this process the root of new user, mount, UTS and network namespaces
 * where that is possible, and leaves it as it is where not.
 */
void root_become(void);

#endif
