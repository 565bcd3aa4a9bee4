#include "pen-shell/confine.h"

#include "lib/confine.h"

void
confine_self(void)
{
	/* but signals: its process group has to get SIGTSTP */
	static const struct landlock reach = {.files = LANDLOCK_FILES,
					      .net = LANDLOCK_PORTS,
					      .scope = LANDLOCK_ABSTRACT};

	confine_process("the relay", &reach);
	confine_calls("the relay");
}
