#include "confine.h"

#include "lib/confine.h"

void
confine_self(const uint16_t *ports, size_t n)
{
	const struct landlock reach = {.files = LANDLOCK_FILES,
				       .net = LANDLOCK_PORTS,
				       .scope =
					   LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				       .ports = ports,
				       .ports_n = n};

	confine_process("the forwarder", &reach);
	confine_calls("the forwarder");
}
